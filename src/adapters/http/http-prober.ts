// Implements the Prober port: sends one HTTP request to an edge, and reports the answer.
import { Client, type Dispatcher, errors } from "undici";
import type { Prober } from "../../engine/ports/prober.ts";
import type { ProbeResult, TransportFailure } from "../../model/health.ts";
import { connectEdge, EdgeConnectionFailed, type EdgeTarget } from "./edge-connection.ts";
import { ingressSignature } from "./ingress-signature.ts";

export interface HttpProberOptions {
	/** Of deploymill, for the User-Agent. */
	version: string;
	/** Where probes connect to in place of what DNS says; Host and SNI stay the edge's. */
	edgeAddress?: EdgeTarget["address"];
}

type Method = "HEAD" | "GET";

interface Answer {
	status: number;
	headers: Dispatcher.ResponseData["headers"];
}

/** Answers by which a server says that it does not do HEAD. FastAPI says 405 of routes made for GET. */
const headRefused = new Set([405, 501]);

/**
 * Asks with HEAD, and with GET where HEAD is refused (anew each time: the next release may take it); never follows a redirect. Every question goes over a connection of
 * its own, because one kept open could be answered by the task that is just being replaced.
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

	/** The time-out covers everything: name, connection, TLS and headers, of the HEAD and the GET that may follow it. */
	async probe(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult> {
		const startedAt = performance.now();
		const deadline = AbortSignal.timeout(timeoutMs);
		const ended = signal ? AbortSignal.any([deadline, signal]) : deadline;
		let outcome: Omit<ProbeResult, "latencyMs">;
		try {
			outcome = readAnswer(await this.#ask(url, ended));
		} catch (error) {
			outcome = describeFault(error, { timedOut: deadline.aborted, called: signal?.aborted === true, timeoutMs });
		}
		return { ...outcome, latencyMs: Math.round(performance.now() - startedAt) };
	}

	async #ask(url: string, signal: AbortSignal): Promise<Answer> {
		const answer = await this.#request("HEAD", url, signal);
		return headRefused.has(answer.status) ? this.#request("GET", url, signal) : answer;
	}

	/** Only the head of the answer is waited for; the connection is then dropped with whatever body is on its way. */
	async #request(method: Method, url: string, signal: AbortSignal): Promise<Answer> {
		signal.throwIfAborted();
		const { origin, pathname, search } = new URL(url);
		const target = targetOf(url, this.#edgeAddress);
		const client = new Client(origin, {
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
		try {
			const headers = { "user-agent": this.#userAgent, accept: "*/*" };
			const response = await client.request({ method, path: `${pathname}${search}`, headers, signal, reset: true });
			response.body.on("error", () => undefined).destroy();
			return { status: response.statusCode, headers: response.headers };
		} finally {
			await client.destroy().catch(() => undefined);
		}
	}
}

function readAnswer({ status, headers }: Answer): Omit<ProbeResult, "latencyMs"> {
	const signature = ingressSignature(status, headers);
	return { status, ...(signature ? { signature } : {}) };
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

function targetOf(url: string, address: EdgeTarget["address"]): EdgeTarget {
	const { protocol, hostname, port } = new URL(url);
	const secure = protocol === "https:";
	return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (secure ? 443 : 80)), secure, address };
}
