// Talks to one Docker Engine: makes the dockerode client, sets time-outs, translates errors.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { DialOptions } from "docker-modem";
import Docker from "dockerode";
import type { DockerEndpoint } from "../../config/docker-endpoint.ts";
import type { Untrusted } from "../../untrusted.ts";
import { connect, type EngineConnection } from "./connection.ts";
import { translateFault } from "./faults.ts";

/** A request that dockerode has no method for, or whose method loses options. Any status that is not 2xx throws. */
export type EngineRequest = Pick<DialOptions, "path" | "method" | "options" | "authconfig" | "headers" | "file" | "abortSignal">;

/**
 * Speaks to one engine. No API version is pinned: paths without a version get the daemon's newest.
 * Requests that are no streams give up after `answerTimeoutMs`, unless they bring an abort signal of their own.
 */
export class DockerClient {
	/** For people, e.g. `unix:///var/run/docker.sock (DOCKER_HOST)`. */
	readonly description: string;
	/** The engine is reached by a unix socket of this machine. */
	readonly isLocal: boolean;
	readonly docker: Docker;
	readonly untrusted: Untrusted;
	readonly #connection: EngineConnection;

	constructor(endpoint: DockerEndpoint, untrusted: Untrusted) {
		this.description = endpoint.description;
		this.isLocal = endpoint.host.startsWith("unix:");
		this.untrusted = untrusted;
		this.#connection = connect(endpoint);
		this.docker = new Docker({ modem: this.#connection.modem } as Docker.DockerOptions);
	}

	/** @throws docker_unreachable, EngineError */
	async call<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
		try {
			return await work(this.docker);
		} catch (error) {
			throw this.translate(error);
		}
	}

	/** One answer, parsed where it is JSON. @throws docker_unreachable, EngineError */
	request<T>(request: EngineRequest): Promise<T> {
		return this.#dial<T>({ ...request, statusCodes: success });
	}

	/** The answer's body as it comes, without any time-out. @throws docker_unreachable, EngineError */
	stream(request: EngineRequest): Promise<IncomingMessage> {
		return this.#dial<IncomingMessage>({ ...request, isStream: true, statusCodes: success });
	}

	/** A socket on which the engine speaks another protocol. @throws docker_unreachable, EngineError */
	upgrade(request: EngineRequest): Promise<Socket> {
		return this.#dial<Socket>({ ...request, hijack: true, statusCodes: success });
	}

	translate(error: unknown): Error {
		return translateFault(error, this.description, this.untrusted);
	}

	/** Ends all connections, so that the process can end. */
	close(): void {
		this.#connection.close();
	}

	#dial<T>(options: DialOptions): Promise<T> {
		return this.call(
			() =>
				new Promise<T>((resolve, reject) => {
					this.#connection.modem.dial(options, (error, answer) => (error ? reject(error) : resolve(answer as T)));
				}),
		);
	}
}

const success = { 200: true, 201: true, 202: true, 204: true };
