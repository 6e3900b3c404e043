// Makes git sources for tests: every protocol allowed, a work directory of their own, and no configuration of whoever runs the tests.
import { join } from "node:path";
import { GitSource, type GitSourceOptions } from "../../src/adapters/git/git-source.ts";
import { DeploymillError, type ErrorBody } from "../../src/errors.ts";
import { Redactor } from "../../src/redact.ts";
import { Untrusted } from "../../src/untrusted.ts";
import { temporaryFolder } from "./git-repository.ts";

interface Setting extends Partial<GitSourceOptions> {
	gitToken?: string;
}

export const cleanGitEnv = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

export async function makeSource({ gitToken, ...over }: Setting = {}) {
	const workDirectory = join(await temporaryFolder(), "work");
	const redactor = new Redactor();
	const source = new GitSource({
		protocols: ["https", "http", "ssh", "file"],
		token: async () => gitToken,
		tokenHost: "github.com",
		workDirectory,
		redactor,
		untrusted: new Untrusted(redactor),
		env: cleanGitEnv,
		...over,
	});
	return { source, workDirectory, redactor };
}

/** The error of a call that must fail, as a tool would answer it. */
export async function errorOf(call: Promise<unknown>): Promise<ErrorBody> {
	const error = await call.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof DeploymillError)) throw new Error("no DeploymillError was thrown", { cause: error });
	return error.toBody();
}
