// Asks one of docker's credential helpers, a program of its own, for a login.
import { execFile } from "node:child_process";
import { DeploymillError } from "../errors.ts";
import { asObject, parseObject } from "./json-object.ts";
import { quote } from "./quote.ts";

export interface HelperAnswer {
	username: string;
	password: string;
	identityToken?: string;
}

interface HelperRun {
	error: (Error & { code?: unknown; killed?: boolean }) | null;
	stdout: string;
}

/** The user name helpers give when the secret is an identity token. */
const tokenUser = "<token>";
const safeName = /^[A-Za-z0-9._-]+$/;
const defaultTimeoutMs = 10_000;

/**
 * Runs `docker-credential-<name> get` for a registry; undefined when the helper knows no login for it. What the helper prints
 * is shown nowhere.
 * @throws registry_auth_failed when the helper is not there, fails, hangs or answers nonsense
 */
export async function askCredentialHelper(
	name: string,
	serverAddress: string,
	env: NodeJS.ProcessEnv,
	timeoutMs = defaultTimeoutMs,
): Promise<HelperAnswer | undefined> {
	if (!safeName.test(name)) throw failure(name, "has a name that is none: letters, digits, . _ - are allowed");
	const { error, stdout } = await run(`docker-credential-${name}`, serverAddress, withoutOurSettings(env), timeoutMs);
	if (error === null) return readAnswer(name, stdout);
	if (/credentials not found/i.test(stdout)) return undefined;
	throw failure(name, whyItFailed(error, timeoutMs));
}

function run(program: string, input: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<HelperRun> {
	return new Promise((resolve) => {
		const options = { env, timeout: timeoutMs, killSignal: "SIGKILL", windowsHide: true } as const;
		const child = execFile(program, ["get"], options, (error, stdout) => resolve({ error, stdout }));
		// A helper that ends without reading breaks the pipe; its exit code tells enough.
		child.stdin?.on("error", () => {});
		child.stdin?.end(`${input}\n`);
	});
}

function readAnswer(name: string, stdout: string): HelperAnswer | undefined {
	const answer = asObject(parseObject(stdout));
	const username = answer?.Username;
	const secret = answer?.Secret;
	if (typeof username !== "string" || typeof secret !== "string") throw failure(name, "answered something other than a login");
	if (username === tokenUser) return { username: "", password: "", identityToken: secret };
	return username === "" && secret === "" ? undefined : { username, password: secret };
}

function whyItFailed(error: NonNullable<HelperRun["error"]>, timeoutMs: number): string {
	if (error.code === "ENOENT") return "is not in the PATH of the deploymill server";
	if (error.killed) return `gave no answer within ${timeoutMs} ms`;
	return typeof error.code === "number" ? `failed with exit code ${error.code}` : `could not be run (${String(error.code)})`;
}

function failure(name: string, why: string): DeploymillError {
	return new DeploymillError("registry_auth_failed", `docker's credential helper ${quote(`docker-credential-${name}`)} ${why}`, {
		hint: "Set PATH in the environment of the deploymill server so that the helper is found, try it by hand, or give DEPLOYMILL_REGISTRY_USERNAME and DEPLOYMILL_REGISTRY_PASSWORD_FILE.",
	});
}

/** The helper needs the user's environment, but not our secrets. */
function withoutOurSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("DEPLOYMILL_")));
}
