// Reads a docker context from the CLI's store.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DeploymillError } from "../errors.ts";
import { readIfThere } from "./docker-config.ts";
import { type DockerTls, readTlsFolder } from "./docker-tls.ts";
import { asObject, parseObject } from "./json-object.ts";
import { quote, quoteFile } from "./quote.ts";
import { dockerFolder } from "./user-folders.ts";

export interface DockerContext {
	/** Address as the context holds it. */
	host: string;
	tls?: DockerTls;
}

/**
 * Reads the context `name`; `origin` says who asked for it.
 * @throws docker_unreachable when there is no such context, or it names no Docker endpoint
 */
export function readDockerContext(env: NodeJS.ProcessEnv, name: string, origin: string): DockerContext {
	const store = join(dockerFolder(env), "contexts");
	// Docker names the folders by hash, so that any name makes a safe one.
	const id = createHash("sha256").update(name).digest("hex");
	const file = join(store, "meta", id, "meta.json");
	const text = readIfThere(file, "docker_unreachable");
	if (text === undefined)
		throw fail(`docker context ${quote(name)} (${origin}) does not exist: no ${quoteFile(file)}`, "Choose one of `docker context ls`.");
	const endpoint = asObject(asObject(parseObject(text)?.Endpoints)?.docker);
	const host = endpoint?.Host;
	if (typeof host !== "string" || host === "") {
		throw fail(`docker context ${quote(name)} (${origin}) names no Docker endpoint in ${quoteFile(file)}`, "Make the context again.");
	}
	const verify = endpoint?.SkipTLSVerify !== true;
	const tls = readTlsFolder(join(store, "tls", id, "docker"), verify) ?? (verify ? undefined : { verify });
	return { host, ...(tls ? { tls } : {}) };
}

function fail(message: string, hint: string): DeploymillError {
	return new DeploymillError("docker_unreachable", message, {
		retryable: false,
		hint: `${hint} Or set DOCKER_HOST in the environment of the deploymill server.`,
	});
}
