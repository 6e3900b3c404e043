// Owns how git calls ssh: never asking a question, unless the user has said how to call it.
import { GitFailed, runGit } from "./command.ts";

const patientEnoughSeconds = 15;

/** GIT_SSH_COMMAND, or nothing where the user's environment or git configuration names a command already. */
export async function sshVariables(env: NodeJS.ProcessEnv, folder: string): Promise<NodeJS.ProcessEnv> {
	if (env.GIT_SSH_COMMAND || env.GIT_SSH) return {};
	try {
		// The variable would win over the setting.
		await runGit({ args: [`--git-dir=${folder}`, "config", "--get", "core.sshCommand"], cwd: folder, env, timeoutMs: 10_000 });
		return {};
	} catch (error) {
		if (!(error instanceof GitFailed)) throw error;
		return { GIT_SSH_COMMAND: `ssh -o BatchMode=yes -o ConnectTimeout=${patientEnoughSeconds}` };
	}
}
