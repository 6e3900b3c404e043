// Checks git: it is there, new enough, and the secrets for private repositories can be read.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readGitToken } from "../../config/credentials.ts";
import type { Settings } from "../../config/settings.ts";
import { DeploymillError } from "../../errors.ts";
import type { Redactor } from "../../redact.ts";
import type { Finding } from "./check.ts";

/** The first that takes settings by environment (GIT_CONFIG_COUNT), so that a token never stands on a command line. */
const leastVersion = "2.31";
const run = promisify(execFile);

export async function lookAtGit({ git }: Settings, env: NodeJS.ProcessEnv, redactor: Redactor): Promise<Finding<undefined>> {
	const version = await readVersion(env);
	const token = await readGitToken(env, redactor);
	const hosts = git.hosts ? `; on ${git.hosts.join(", ")} alone` : "";
	const detail = `git ${version}; protocols ${git.protocols.join(", ")}${hosts}${token ? `; a token for ${git.tokenHost}` : ""}`;
	if (!git.protocols.includes("ssh") || (await isInstalled("ssh", env))) return { detail, value: undefined };
	return {
		detail: `${detail}; there is no ssh in PATH`,
		cure: "Install an ssh client for repositories by ssh, or leave ssh out of DEPLOYMILL_GIT_PROTOCOLS.",
		value: undefined,
	};
}

async function readVersion(env: NodeJS.ProcessEnv): Promise<string> {
	const answer = await run("git", ["--version"], { env }).catch((cause: unknown) => {
		throw notUsable("git is not in PATH, or does not run.", cause);
	});
	const version = /\d+\.\d+[.\d]*/.exec(answer.stdout)?.[0] ?? "";
	if (version.localeCompare(leastVersion, "en", { numeric: true }) >= 0) return version;
	throw notUsable(`git ${version || "of an unknown version"} is too old.`);
}

function notUsable(message: string, cause?: unknown): DeploymillError {
	return new DeploymillError("internal", message, {
		hint: `Install git ${leastVersion} or newer; an MCP client's entry may have to pass PATH in its env.`,
		cause,
	});
}

async function isInstalled(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
	return run(program, ["-V"], { env }).then(
		() => true,
		(error: NodeJS.ErrnoException) => error.code !== "ENOENT",
	);
}
