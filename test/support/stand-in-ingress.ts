// Stands between the prober and the sandbox's ingress, and knows only the hosts that a test lets it know, when it lets it.
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import tls from "node:tls";
import type { Certificate } from "./certificate.ts";
import { answerAs, type UnknownHost } from "./unknown-hosts.ts";

/** By this the sandbox's ingress (test/sandbox/ingress-config.mjs) knows requests that came encrypted. */
const cameEncrypted = { "x-sandbox-tls": "tls+" };

interface CachedAnswer {
	status: number;
	headers: http.IncomingHttpHeaders;
}

/** From when on something is so, by `performance.now()`. */
type From = () => number;

export class StandInIngress implements AsyncDisposable {
	/** Paths asked for, host by host. */
	readonly asked = new Map<string, string[]>();
	readonly #edgeAddress: string;
	readonly #server: http.Server;
	readonly #isSecure: boolean;
	readonly #routes = new Map<string, From>();
	readonly #certificates = new Map<string, { from: From; context: tls.SecureContext }>();
	readonly #firstReached = new Map<string, number>();
	/** Answers that were given once and are given again, by host, method and path. */
	#cache: Map<string, CachedAnswer> | undefined;
	#default: { host: string; path?: string } | undefined;
	#unknown: UnknownHost;

	private constructor(edgeAddress: string, unknown: UnknownHost, shown?: Certificate) {
		this.#edgeAddress = edgeAddress;
		this.#unknown = unknown;
		this.#isSecure = shown !== undefined;
		const take = (request: IncomingMessage, response: ServerResponse) => {
			this.#take(request, response).catch((error: Error) => response.destroy(error));
		};
		this.#server = shown
			? https.createServer({ ...shown, SNICallback: (host, found) => found(null, this.#contextFor(host)) }, take)
			: http.createServer(take);
	}

	/**
	 * @param edgeAddress of the sandbox's ingress, to which requests for known hosts are passed on
	 * @param unknown how it answers for all other hosts
	 * @param shown makes it speak TLS: shown for every host that has no certificate of its own
	 */
	static async start(edgeAddress: string, unknown: UnknownHost, shown?: Certificate): Promise<StandInIngress> {
		const ingress = new StandInIngress(edgeAddress, unknown, shown);
		await new Promise<void>((resolve) => ingress.#server.listen(0, "127.0.0.1", resolve));
		return ingress;
	}

	/** For DEPLOYMILL_EDGE_ADDRESS. */
	get address(): string {
		return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Knows the host from here on. */
	route(host: string): void {
		this.#routes.set(host, () => 0);
	}

	/** Gets to know the host so long after its app could first have been reached. */
	routeLate(host: string, afterMs: number): void {
		this.#routes.set(host, () => this.#reachedAt(host) + afterMs);
	}

	/** Loses the way to all of them. */
	forgetAll(): void {
		this.#routes.clear();
	}

	/** Answers for hosts that it does not know like this from here on. */
	answerUnknown(unknown: UnknownHost): void {
		this.#unknown = unknown;
	}

	/** From here on an app answers for all hosts that it does not know; with a path, at this path alone whatever was asked for. */
	answerUnknownBy(host: string, path?: string): void {
		this.#default = path === undefined ? { host } : { host, path };
	}

	/** Gives every 200 that it passes on from here on again and again, without their bodies, until it is told to stop. */
	cache(): () => void {
		this.#cache = new Map();
		return () => {
			this.#cache = undefined;
		};
	}

	/** Has a certificate for the host so long after its app could first have been reached. */
	certify(host: string, certificate: Certificate, afterMs = 0): void {
		const from = afterMs === 0 ? () => 0 : () => this.#reachedAt(host) + afterMs;
		this.#certificates.set(host, { from, context: tls.createSecureContext(certificate) });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#reachedAt(host: string): number {
		return this.#firstReached.get(host) ?? Number.POSITIVE_INFINITY;
	}

	/** Undefined: the certificate that stands for all. A handshake is the first that is heard of a host whose certificate does not fit. */
	#contextFor(host: string): tls.SecureContext | undefined {
		void this.#noteReached(host);
		const own = this.#certificates.get(host);
		return own && performance.now() >= own.from() ? own.context : undefined;
	}

	async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const host = request.headers.host ?? "";
		this.asked.set(host, [...(this.asked.get(host) ?? []), `${request.method} ${request.url}`]);
		await this.#noteReached(host);
		const known = this.#routes.get(host)?.() ?? Number.POSITIVE_INFINITY;
		const { method = "GET", url = "/" } = request;
		if (performance.now() >= known) this.#pass({ method, host, path: url }, response);
		else if (this.#default) this.#pass({ method, path: url, ...this.#default }, response);
		else answerAs(this.#unknown, request, response);
	}

	/** The sandbox's ingress answers 404 for a host without a route, and so does none of the apps on `/`. */
	async #noteReached(host: string): Promise<void> {
		if (this.#firstReached.has(host)) return;
		const status = await this.#status(host).catch(() => 404);
		if (status !== 404 && !this.#firstReached.has(host)) this.#firstReached.set(host, performance.now());
	}

	#status(host: string): Promise<number> {
		return new Promise((resolve, reject) => {
			const request = http.request({ ...this.#edge(host), method: "HEAD", path: "/" }, (answer) => {
				answer.resume();
				resolve(answer.statusCode ?? 0);
			});
			request.on("error", reject).end();
		});
	}

	#pass({ method, host, path }: { method: string; host: string; path: string }, outgoing: ServerResponse): void {
		const key = `${method} ${host}${path}`;
		const cached = this.#cache?.get(key);
		if (cached) return void outgoing.writeHead(cached.status, { ...cached.headers, "content-length": 0 }).end();
		const passed = http.request({ ...this.#edge(host), method, path }, (answer) => {
			const { statusCode: status = 502, headers } = answer;
			if (status === 200) this.#cache?.set(key, { status, headers });
			outgoing.writeHead(status, headers);
			// Whoever asked may be gone by now.
			pipeline(answer, outgoing, () => undefined);
		});
		passed.on("error", (error) => outgoing.destroy(error));
		outgoing.once("close", () => passed.destroy());
		passed.end();
	}

	#edge(host: string): http.RequestOptions & { headers: Record<string, string> } {
		const [hostname = "", port = "80"] = this.#edgeAddress.split(":");
		return { hostname, port: Number(port), agent: false, headers: { host, ...(this.#isSecure ? cameEncrypted : {}) } };
	}
}
