// Reads the docker CLI's config.json, of which deploymill uses the context and the registry logins.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DeploymillError, type ErrorCode } from "../errors.ts";
import { parseObject } from "./json-object.ts";
import { quoteFile } from "./quote.ts";
import { dockerFolder } from "./user-folders.ts";

/** The parts of config.json that are used here; none of them is trusted to have its type. */
export interface DockerConfig {
	/** The file itself, for messages. */
	file: string;
	currentContext?: unknown;
	auths?: unknown;
	credHelpers?: unknown;
	credsStore?: unknown;
}

/**
 * Reads `config.json` of `DOCKER_CONFIG` or `~/.docker`, anew at each call. Empty where there is no such file.
 * @throws `code` when the file is there and cannot be read as JSON
 */
export function readDockerConfig(env: NodeJS.ProcessEnv, code: ErrorCode): DockerConfig {
	const file = join(dockerFolder(env), "config.json");
	const text = readIfThere(file, code);
	if (text === undefined || text.trim() === "") return { file };
	const config = parseObject(text);
	if (config === undefined) {
		throw new DeploymillError(code, `${quoteFile(file)} is not a JSON object`, {
			retryable: false,
			hint: "Repair docker's config file, or log in again.",
		});
	}
	return { ...config, file };
}

/** The text of a file, undefined where there is none. @throws `code` naming the file when it cannot be read */
export function readIfThere(file: string, code: ErrorCode): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		const reason = (error as NodeJS.ErrnoException).code;
		if (reason === "ENOENT" || reason === "ENOTDIR") return undefined;
		throw new DeploymillError(code, `cannot read ${quoteFile(file)} (${reason ?? "unknown reason"})`, {
			cause: error,
			retryable: false,
			hint: "Make the file readable for the user that runs deploymill.",
		});
	}
}
