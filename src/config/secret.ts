// Reads one secret, from a variable or from the file that a variable names.
import { readFile } from "node:fs/promises";
import { DeploymillError, type ErrorCode } from "../errors.ts";
import { quoteFile } from "./quote.ts";
import { Refusal } from "./refusal.ts";
import { absolutePath } from "./user-folders.ts";

/** Settings that are secrets; each may stand in the file that the same name with `_FILE` names. */
export const secretNames = [
	"DEPLOYMILL_REGISTRY_PASSWORD",
	"DEPLOYMILL_GIT_TOKEN",
	"DEPLOYMILL_NOTIFY_URL",
	"DEPLOYMILL_NOTIFY_SECRET",
] as const;

/** A file that is longer holds something else. */
const longestSecret = 65_536;

/**
 * The value of `name`, or the content of the file that `name`_FILE names without its last newline; undefined when neither is
 * set. The file is read anew at each call.
 * @throws invalid_input when both are set; `code` when the file cannot be read or is empty
 */
export async function readSecret(env: NodeJS.ProcessEnv, name: string, code: ErrorCode): Promise<string | undefined> {
	const value = env[name]?.trim() ? env[name] : undefined;
	const file = env[`${name}_FILE`]?.trim() || undefined;
	if (value !== undefined && file !== undefined) {
		throw new DeploymillError("invalid_input", `${name} stands beside ${name}_FILE: give one of the two`);
	}
	return file === undefined ? value : await readSecretFile(env, `${name}_FILE`, file, code);
}

async function readSecretFile(env: NodeJS.ProcessEnv, name: string, file: string, code: ErrorCode): Promise<string> {
	const hint = `Write the secret into the file that ${name} names, readable for the user that runs deploymill. No restart is needed.`;
	const fail = (why: string, cause?: unknown) => new DeploymillError(code, `${name}: ${why}`, { hint, cause });
	let text: string;
	try {
		text = await readFile(absolutePath(file, env), "utf8");
	} catch (error) {
		if (error instanceof Refusal) throw new DeploymillError("invalid_input", `${name}: ${error.message}`, { hint });
		throw fail(`cannot read ${quoteFile(file)} (${(error as NodeJS.ErrnoException).code ?? "unknown reason"})`, error);
	}
	const secret = text.replace(/^\uFEFF/, "").replace(/(?:\r?\n)+$/, "");
	if (secret === "") throw fail(`${quoteFile(file)} is empty`);
	if (secret.length > longestSecret) throw fail(`${quoteFile(file)} is too long for a secret`);
	return secret;
}
