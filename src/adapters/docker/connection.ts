// Makes a docker-modem of an endpoint's address: unix socket, tcp with or without TLS, http(s), ssh.
import type { Agent } from "node:http";
import { inspect } from "node:util";
import Modem, { type ConstructorOptions, type DialOptions, type RequestCallback } from "docker-modem";
import type { DockerEndpoint } from "../../config/docker-endpoint.ts";
import { DeploymillError } from "../../errors.ts";
import { answerTimeoutMs } from "./answer-timeout.ts";
import { HttpAgent, HttpsAgent } from "./http-agents.ts";
import { SshAgent } from "./ssh-agent.ts";

export interface EngineConnection {
	modem: Modem;
	close(): void;
}

/** Connections at a time, streams included; what comes beyond waits for one of them. */
const mostSockets = 32;
/** Each is an ssh process and a login, and sshd by itself refuses more than ten that are not logged in yet. */
const mostSshSockets = 8;

/** @throws docker_unreachable when the address is of no kind that is known */
export function connect(endpoint: DockerEndpoint): EngineConnection {
	const { agent, ...target } = targetOf(endpoint);
	describeShortly(agent);
	const modem = withoutDockerEnvironment(() => new PatientModem({ ...target, agent }));
	return { modem, close: () => agent.destroy() };
}

/**
 * docker-modem renders its options for a debug line at every request, printed or not, and the agent with all its sockets
 * among them: 37 ms of a standing event loop with a hundred sockets.
 */
function describeShortly(agent: Agent): void {
	Object.defineProperty(agent, inspect.custom, { value: () => "[agent]" });
}

/** Gives up on requests that are no streams, unless the caller's own signal decides. */
class PatientModem extends Modem {
	override dial(options: DialOptions, callback?: RequestCallback): void {
		if (!options.isStream && !options.hijack) options.abortSignal ??= AbortSignal.timeout(answerTimeoutMs);
		super.dial(options, callback);
	}
}

const pool = { keepAlive: true, maxSockets: mostSockets };
/** A name for TLS, though there is none: to find one, Node reads the host by an expression that takes milliseconds to compile. */
const localPool = { ...pool, servername: "" };

type Target = ConstructorOptions & { agent: Agent };

function targetOf(endpoint: DockerEndpoint): Target {
	const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/.exec(endpoint.host) ?? [];
	if ((scheme === "unix" || scheme === "npipe") && rest) return { socketPath: rest, agent: new HttpAgent(localPool) };
	if (scheme === "ssh") return { host: "docker", port: 80, protocol: "http", agent: new SshAgent(new URL(endpoint.host), mostSshSockets) };
	if (scheme === "tcp" || scheme === "http" || scheme === "https") return tcpTarget(scheme, endpoint);
	throw new DeploymillError("docker_unreachable", `Docker's address ${endpoint.description} is not of a kind deploymill can open.`, {
		hint: "DOCKER_HOST takes unix://, npipe://, tcp://, http://, https:// and ssh:// addresses.",
	});
}

function tcpTarget(scheme: string, endpoint: DockerEndpoint): Target {
	const url = new URL(endpoint.host.replace(/^tcp:/, "http:"));
	const secure = scheme === "https" || endpoint.tls !== undefined;
	const host = url.hostname.replace(/^\[|\]$/g, "");
	const port = url.port || (secure ? 2376 : 2375);
	if (!secure) return { host, port, protocol: "http", agent: new HttpAgent(pool) };
	// On the agent alone: docker-modem has no way to pass rejectUnauthorized on.
	const { verify, ...pem } = endpoint.tls ?? { verify: true };
	return { host, port, protocol: "https", agent: new HttpsAgent({ ...pool, ...pem, rejectUnauthorized: verify }) };
}

const dockerVariables = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_PATH_PREFIX", "DOCKER_CLIENT_TIMEOUT"];

/**
 * docker-modem takes whatever it is not given from the environment, and reads certificates from there even when they are
 * not used. What the endpoint says must win, so the variables are out of its sight while it is made.
 */
function withoutDockerEnvironment<T>(make: () => T): T {
	const kept = dockerVariables.map((name) => [name, process.env[name]] as const);
	for (const name of dockerVariables) delete process.env[name];
	try {
		return make();
	} finally {
		for (const [name, value] of kept) if (value !== undefined) process.env[name] = value;
	}
}
