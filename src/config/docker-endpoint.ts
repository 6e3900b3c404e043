// Chooses the Docker Engine to use, as the docker CLI does, so that both always mean the same one.
import { DeploymillError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { defaultDockerAddress, parseDockerAddress } from "./docker-address.ts";
import { readDockerConfig } from "./docker-config.ts";
import { readDockerContext } from "./docker-context.ts";
import { type DockerTls, readEnvironmentTls } from "./docker-tls.ts";
import { quote, quoteFile } from "./quote.ts";
import { Refusal } from "./refusal.ts";

export interface DockerEndpoint {
	/** Address and where it came from, for messages: `unix:///run/docker.sock (DOCKER_HOST)`. */
	description: string;
	/** Full address: `unix:///path`, `tcp://host:port`, `ssh://[user@]host[:port][/socket]`, `http(s)://host:port`, `npipe:////./pipe/name`. */
	host: string;
	/** Absent for endpoints without TLS. Holds a private key: not for logs. */
	tls?: DockerTls;
}

/**
 * The endpoint of `DOCKER_HOST`, else of `DOCKER_CONTEXT`, else of the current context of docker's config.json, else docker's
 * default socket. Nothing is connected to. A client's private key is added to the redactor.
 * @throws invalid_input for a variable that is wrong; docker_unreachable when a context or a TLS file is missing or broken
 */
export function resolveDockerEndpoint(env: NodeJS.ProcessEnv, redactor: Redactor): DockerEndpoint {
	const endpoint = chooseEndpoint(env);
	redactor.add(endpoint.tls?.key);
	return endpoint;
}

function chooseEndpoint(env: NodeJS.ProcessEnv): DockerEndpoint {
	const host = env.DOCKER_HOST?.trim();
	if (host) return fromEnvironment(env, host, "DOCKER_HOST");
	const named = env.DOCKER_CONTEXT?.trim();
	if (named) return fromContext(env, named, "DOCKER_CONTEXT");
	const { currentContext, file } = readDockerConfig(env, "docker_unreachable");
	if (typeof currentContext === "string" && currentContext !== "") {
		return fromContext(env, currentContext, `currentContext of ${quoteFile(file)}`);
	}
	return fromEnvironment(env, defaultDockerAddress, "docker's default");
}

/** The TLS variables belong to DOCKER_HOST and the default; a context brings its own. */
function fromEnvironment(env: NodeJS.ProcessEnv, address: string, origin: string): DockerEndpoint {
	const tls = readEnvironmentTls(env);
	return describe(parse(address, tls !== undefined, origin), origin, tls);
}

function fromContext(env: NodeJS.ProcessEnv, name: string, origin: string): DockerEndpoint {
	// The context of this name is built in and means: as if there were none.
	if (name === "default") return fromEnvironment(env, defaultDockerAddress, `context default, ${origin}`);
	const context = readDockerContext(env, name, origin);
	const described = `context ${quote(name)}, ${origin}`;
	return describe(parse(context.host, context.tls !== undefined, described), described, context.tls);
}

function parse(address: string, withTls: boolean, origin: string): string {
	try {
		return parseDockerAddress(address, withTls);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new DeploymillError("invalid_input", `${origin}: ${error.message}`, {
			hint: "Correct it in the environment of the deploymill server or in docker's context, and start the server again.",
		});
	}
}

function describe(host: string, origin: string, tls: DockerTls | undefined): DockerEndpoint {
	const description = `${host} (${origin})`;
	if (host.startsWith("https:")) return { description, host, tls: tls ?? { verify: true } };
	return tls && host.startsWith("tcp:") ? { description, host, tls } : { description, host };
}
