// Opens one connection to an edge, and tells which step failed: name lookup, connection or TLS.
import net from "node:net";
import tls from "node:tls";
import type { TransportFailure } from "../../model/health.ts";

export interface EdgeTarget {
	/** The host of the edge's URL, without brackets: what the Host header and the certificate must be of. */
	hostname: string;
	port: number;
	secure: boolean;
	/** Connect here in place of what DNS says of `hostname`. */
	address: { host: string; port: number } | undefined;
	/** Named in TLS in place of `hostname`. */
	servername?: string;
	/** Take any certificate: for a question that no answer is believed of. */
	anyCertificate?: boolean;
}

/** Thrown when no connection came about. `message` is our own sentence; the system's error is the cause. */
export class EdgeConnectionFailed extends Error {
	override name = "EdgeConnectionFailed";
	readonly failure: TransportFailure;

	constructor(failure: TransportFailure, message: string, cause: unknown) {
		super(message, { cause });
		this.failure = failure;
	}
}

/**
 * Opens a connection that nothing was sent on. With TLS the certificate must be trusted and be of `hostname`, also where
 * `address` leads elsewhere, unless any certificate will do.
 *
 * @throws EdgeConnectionFailed
 */
export async function connectEdge(target: EdgeTarget, signal: AbortSignal): Promise<net.Socket> {
	const { host, port } = target.address ?? { host: target.hostname, port: target.port };
	const socket = net.connect({ host, port, noDelay: true });
	// Later errors are told to whoever uses the socket; without a listener here they would end the process.
	socket.on("error", () => undefined);
	const cancel = () => socket.destroy();
	signal.addEventListener("abort", cancel, { once: true });
	if (signal.aborted) cancel();
	try {
		await settled(socket, "connect").catch(throwConnectFailure);
		return target.secure ? await secure(socket, target) : socket;
	} catch (error) {
		socket.destroy();
		throw error;
	} finally {
		signal.removeEventListener("abort", cancel);
	}
}

async function secure(socket: net.Socket, target: EdgeTarget): Promise<tls.TLSSocket> {
	const { hostname, servername: named = hostname, anyCertificate = false } = target;
	// SNI takes names alone, never an address; `host` is what the certificate is checked against without it.
	const servername = net.isIP(named) ? "" : named;
	const secured = tls.connect({ socket, host: hostname, servername, ALPNProtocols: ["http/1.1"], rejectUnauthorized: !anyCertificate });
	secured.on("error", () => undefined);
	await settled(secured, "secureConnect").catch(throwTlsFailure);
	return secured;
}

/** Resolves at `event`, rejects when the socket fails or is closed before. */
function settled(socket: net.Socket, event: "connect" | "secureConnect"): Promise<void> {
	return new Promise((resolve, reject) => {
		socket.once(event, resolve);
		socket.once("error", reject);
		socket.once("close", () => reject(new Error("closed early")));
	});
}

function throwConnectFailure(error: unknown): never {
	const code = codeOf(error);
	const lookedUp = syscallOf(error) === "getaddrinfo" || code.startsWith("EAI_");
	if (lookedUp) throw new EdgeConnectionFailed("dns", `the host name could not be resolved${inBrackets(code)}`, error);
	const sentence = code === "ECONNREFUSED" ? "the connection was refused" : `no connection could be made${inBrackets(code)}`;
	throw new EdgeConnectionFailed("connect", sentence, error);
}

const certificateWords: Record<string, string> = {
	CERT_HAS_EXPIRED: "the certificate has expired",
	CERT_NOT_YET_VALID: "the certificate is not valid yet",
	DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "the certificate comes from an authority that is not trusted",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate comes from an authority that is not trusted",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate comes from an authority that is not trusted",
	ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host name",
};

function throwTlsFailure(error: unknown): never {
	const code = codeOf(error);
	throw new EdgeConnectionFailed("tls", certificateWords[code] ?? `the TLS handshake failed${inBrackets(code)}`, error);
}

/** The system's error code; of the last attempt where several addresses were tried. */
function codeOf(error: unknown): string {
	if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors.at(-1));
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function syscallOf(error: unknown): unknown {
	return error instanceof Error && "syscall" in error ? error.syscall : undefined;
}

function inBrackets(code: string): string {
	return code ? ` (${code})` : "";
}
