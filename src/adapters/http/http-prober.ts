// Implements the Prober port: sends one HTTP request to an edge, and reports the answer.
import { Client, type Dispatcher, errors } from "undici";
import type { EdgeAnswer, EdgeQuestion, Prober } from "../../engine/ports/prober.ts";
import type { TransportFailure } from "../../model/health.ts";
import { connectEdge, EdgeConnectionFailed, type EdgeTarget } from "./edge-connection.ts";
import { readHeard } from "./heard.ts";

type Question = EdgeQuestion & Pick<EdgeTarget, "servername">;

/** "Misdirected Request": the name in HTTP is not the one in TLS. */
const misdirected = 421;

export interface HttpProberOptions {
	/** Of deploymill, for the User-Agent. */
	version: string;
	/** Where probes connect to in place of what DNS says; Host and SNI stay the edge's. */
	edgeAddress?: EdgeTarget["address"];
}

/**
 * Never follows a redirect. Every question goes over a connection of its own, because one kept open could be answered by the task
 * that is just being replaced.
 *
 * Once a connection was made, its end without an answer, or an answer that is not HTTP, is a failure of kind `protocol`:
 * the edge was reached, so the release is to blame.
 */
export class HttpProber implements Prober {
	readonly #userAgent: string;
	readonly #edgeAddress: EdgeTarget["address"];

	constructor(options: HttpProberOptions) {
		this.#userAgent = `deploymill/${options.version}`;
		this.#edgeAddress = options.edgeAddress;
	}

	/**
	 * The time-out covers everything: name, connection, TLS and headers. A body that does not end within it is cut.
	 *
	 * Where TLS lets no name in that nobody has (Traefik's `sniStrict`), one certificate may still be for many hosts, and then it is
	 * the name in HTTP alone that the ingress answers to.
	 */
	async probe(question: EdgeQuestion, timeoutMs: number, signal?: AbortSignal): Promise<EdgeAnswer> {
		const startedAt = performance.now();
		const answer = await this.#probe(question, timeoutMs, signal);
		if (question.asHost === undefined || answer.failure !== "tls") return answer;
		const leftMs = Math.max(1, timeoutMs - Math.round(performance.now() - startedAt));
		const inHttpAlone = await this.#probe({ ...question, servername: new URL(question.url).hostname }, leftMs, signal);
		return inHttpAlone.status === undefined || inHttpAlone.status === misdirected ? answer : inHttpAlone;
	}

	async #probe(question: Question, timeoutMs: number, signal?: AbortSignal): Promise<EdgeAnswer> {
		const startedAt = performance.now();
		const elapsedMs = () => Math.round(performance.now() - startedAt);
		const deadline = AbortSignal.timeout(timeoutMs);
		const ended = signal ? AbortSignal.any([deadline, signal]) : deadline;
		try {
			return await this.#ask(question, ended, elapsedMs);
		} catch (error) {
			return {
				...describeFault(error, { timedOut: deadline.aborted, called: signal?.aborted === true, timeoutMs }),
				latencyMs: elapsedMs(),
			};
		}
	}

	async #ask({ url, path, method, asHost, servername }: Question, signal: AbortSignal, elapsedMs: () => number): Promise<EdgeAnswer> {
		signal.throwIfAborted();
		const { pathname, search } = new URL(`${url}${path}`);
		const target = targetOf(url, this.#edgeAddress, asHost);
		const client = clientOf(servername === undefined ? target : { ...target, servername }, signal);
		try {
			const headers = { "user-agent": this.#userAgent, accept: "*/*" };
			const response = await client.request({ method, path: `${pathname}${search}`, headers, signal, reset: true });
			const answer = { status: response.statusCode, latencyMs: elapsedMs() };
			return { ...answer, heard: await readHeard(response, signal) };
		} finally {
			await client.destroy().catch(() => undefined);
		}
	}
}

function clientOf(target: EdgeTarget, signal: AbortSignal): Dispatcher {
	return new Client(originOf(target), {
		// undici's own time-outs are coarse (one second); the signal is the one that counts.
		headersTimeout: 0,
		bodyTimeout: 0,
		connect: (_options, callback) => {
			connectEdge(target, signal).then(
				(socket) => callback(null, socket),
				(error: Error) => callback(error, null),
			);
		},
	});
}

function describeFault(
	error: unknown,
	how: { timedOut: boolean; called: boolean; timeoutMs: number },
): { failure: TransportFailure; error: string } {
	if (how.timedOut) return { failure: "timeout", error: `no answer within ${how.timeoutMs} ms` };
	if (how.called) return { failure: "timeout", error: "the probe was called off" };
	if (error instanceof EdgeConnectionFailed) return { failure: error.failure, error: error.message };
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	// With TLS 1.3 a server refuses a handshake only after our side took it for done.
	if (code.startsWith("ERR_SSL_")) return { failure: "tls", error: `the TLS connection was refused (${code})` };
	if (error instanceof errors.HTTPParserError) return { failure: "protocol", error: "the answer is not HTTP" };
	if (code === "ERR_INVALID_URL") return { failure: "protocol", error: "the address is not a URL" };
	return { failure: "protocol", error: "the connection was closed before an answer" };
}

/** A control probe goes where the edge's own probe goes, under another name. */
function targetOf(url: string, edgeAddress: EdgeTarget["address"], asHost: string | undefined): EdgeTarget {
	const { protocol, hostname, port: given } = new URL(url);
	const secure = protocol === "https:";
	const own = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(given || (secure ? 443 : 80)), secure };
	if (asHost === undefined) return { ...own, address: edgeAddress };
	return { ...own, hostname: asHost, address: edgeAddress ?? { host: own.hostname, port: own.port }, anyCertificate: true };
}

function originOf({ hostname, port, secure }: EdgeTarget): string {
	const host = hostname.includes(":") ? `[${hostname}]` : hostname;
	return `${secure ? "https" : "http"}://${host}:${port}`;
}
