// Makes git call ssh so that it never asks a question, unless the user has said how to call it.
import { GitFailed, readGit } from "./command.ts";
import type { GitLimits } from "./limits.ts";

const patientEnoughSeconds = 15;

/** GIT_SSH_COMMAND, or nothing where the user's environment or git configuration names a command already. */
export async function sshVariables(env: NodeJS.ProcessEnv, folder: string, limits: GitLimits): Promise<NodeJS.ProcessEnv> {
	if (env.GIT_SSH_COMMAND || env.GIT_SSH) return {};
	const { treeBytes: fileBytes, memoryBytes, outputBytes } = limits;
	try {
		// The variable would win over the setting.
		const args = [`--git-dir=${folder}`, "config", "--get", "core.sshCommand"];
		await readGit({ args, cwd: folder, env, timeoutMs: 10_000, fileBytes, memoryBytes, outputBytes });
		return {};
	} catch (error) {
		if (!(error instanceof GitFailed)) throw error;
		return { GIT_SSH_COMMAND: `ssh -o BatchMode=yes -o ConnectTimeout=${patientEnoughSeconds}` };
	}
}
