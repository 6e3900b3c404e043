// Talks to one Docker Engine: makes the dockerode client, sets time-outs, translates errors.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { finished } from "node:stream/promises";
import type Modem from "docker-modem";
import type { DialOptions } from "docker-modem";
import type Docker from "dockerode";
import type { DockerEndpoint } from "../../config/docker-endpoint.ts";
import type { Untrusted } from "../../untrusted.ts";
import { answerTimeoutMs } from "./answer-timeout.ts";
import type { EngineConnection } from "./connection.ts";
import { translateFault } from "./faults.ts";

/** A request that dockerode has no method for, or whose method loses options. Any status that is not 2xx throws. */
export type EngineRequest = Pick<DialOptions, "path" | "method" | "options" | "authconfig" | "headers" | "file" | "abortSignal">;

/**
 * Speaks to one engine. No API version is pinned: paths without a version get the daemon's newest.
 * Requests that are no streams give up after `answerTimeoutMs`, unless they bring an abort signal of their own.
 * docker-modem and dockerode are loaded by the first who asks: most processes ask Docker nothing, or nothing at once.
 */
export class DockerClient {
	/** For people, e.g. `unix:///var/run/docker.sock (DOCKER_HOST)`. */
	readonly description: string;
	/** The engine is reached by a unix socket of this machine. */
	readonly isLocal: boolean;
	readonly untrusted: Untrusted;
	readonly #endpoint: DockerEndpoint;
	#opening: Promise<EngineConnection> | undefined;

	constructor(endpoint: DockerEndpoint, untrusted: Untrusted) {
		this.description = endpoint.description;
		this.isLocal = endpoint.host.startsWith("unix:");
		this.untrusted = untrusted;
		this.#endpoint = endpoint;
	}

	/** @throws docker_unreachable, EngineError */
	async call<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
		const [modem, { default: Dockerode }] = await Promise.all([this.#modem(), import("dockerode")]);
		return this.#translated(() => work(new Dockerode({ modem } as Docker.DockerOptions)));
	}

	/** What it takes to ask, before anybody does. Connects to nothing. */
	async load(): Promise<void> {
		await import("./connection.ts");
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

	/**
	 * Version of its API, e.g. `1.51`. Every answer names it, a ping's the soonest: for `/version` the engine starts two processes.
	 * @throws docker_unreachable, EngineError
	 */
	async apiVersion(): Promise<string> {
		const answer = await this.stream({ path: "/_ping", method: "GET", abortSignal: AbortSignal.timeout(answerTimeoutMs) });
		await this.#translated(() => finished(answer.resume()));
		const named = answer.headers["api-version"];
		if (typeof named === "string") return named;
		// A proxy between here and the engine may keep it to itself.
		return (await this.request<{ ApiVersion: string }>({ path: "/version", method: "GET" })).ApiVersion;
	}

	translate(error: unknown): Error {
		return translateFault(error, this.description, this.untrusted);
	}

	/** Ends all connections, so that the process can end. */
	close(): void {
		// One that could not be opened has nothing to end, and whoever asked was told.
		this.#opening?.then(({ close }) => close()).catch(() => undefined);
	}

	async #dial<T>(options: DialOptions): Promise<T> {
		const modem = await this.#modem();
		return this.#translated(
			() =>
				new Promise<T>((resolve, reject) => {
					modem.dial(options, (error, answer) => (error ? reject(error) : resolve(answer as T)));
				}),
		);
	}

	async #translated<T>(work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (error) {
			throw this.translate(error);
		}
	}

	async #modem(): Promise<Modem> {
		this.#opening ??= import("./connection.ts").then(({ connect }) => connect(this.#endpoint));
		return (await this.#opening).modem;
	}
}

const success = { 200: true, 201: true, 202: true, 204: true };
