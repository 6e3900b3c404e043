// Translates errors of the Docker Engine: an engine that was not reached, or an answer with a status.
import { DeploymillError } from "../../errors.ts";
import type { Untrusted } from "../../untrusted.ts";

/** The engine answered, and said no. The message holds its cleaned words. */
export class EngineError extends Error {
	override name = "EngineError";
	readonly statusCode: number;
	/** The engine's own words, cleaned, one line. Untrusted. */
	readonly said: string;

	constructor(statusCode: number, said: string, cause?: unknown) {
		super(`Docker answered ${statusCode}: ${said}`, { cause });
		this.statusCode = statusCode;
		this.said = said;
	}
}

/** Node's codes of a connection that did not come to be, or broke, in words. */
const reasons: Record<string, string> = {
	ECONNREFUSED: "nothing listens there",
	ENOENT: "there is no such socket",
	ENOTSOCK: "this is not a socket",
	EACCES: "permission to the socket was denied",
	EPERM: "permission to the socket was denied",
	ENOTFOUND: "its host name is not known",
	EAI_AGAIN: "its host name could not be looked up",
	ETIMEDOUT: "the connection timed out",
	EHOSTUNREACH: "there is no route to its host",
	ENETUNREACH: "there is no route to its network",
	ECONNRESET: "it closed the connection",
	EPIPE: "it closed the connection",
	ERR_STREAM_PREMATURE_CLOSE: "it closed the connection in the middle of an answer",
	ABORT_ERR: "it did not answer in time",
	ERR_SSH: "ssh could not reach it",
};

const tlsCode = /^(?:ERR_(?:TLS|SSL|OSSL)|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/;
/** Other codes that Node has for connections, sockets and what is spoken on them. */
const connectionCode = /^(?:HPE_|ERR_(?:SOCKET|STREAM|HTTP|INVALID_PROTOCOL|NETWORK)|ECONN|ENET|EHOST|EADDR|EAI_|ESOCKET|EPROTO)/;
const tlsMismatch = /HTTP request to an HTTPS server|Parse Error: Expected HTTP/i;

const passDockerHost =
	"Check that Docker runs there. An MCP client passes only a few variables on: DOCKER_HOST must stand in the env of its deploymill entry.";
const joinDockerGroup =
	"Run deploymill as a user of the docker group, or give DOCKER_HOST an endpoint that this user may open (also in the env of the MCP client's entry).";
const checkTls = "Check that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH (ca.pem, cert.pem, key.pem) fit the endpoint.";

/**
 * Whatever dockerode threw as an error of ours. The engine's refusals become `EngineError`, all else `docker_unreachable`;
 * errors that are ours already, and the caller's own abort, pass as they are.
 */
export function translateFault(fault: unknown, endpoint: string, untrusted: Untrusted): Error {
	if (fault instanceof DeploymillError || fault instanceof EngineError) return fault;
	const error = fault instanceof Error ? fault : new Error(String(fault));
	if (isCallersAbort(error)) return error;
	const statusCode = (error as { statusCode?: unknown }).statusCode;
	if (typeof statusCode === "number" && !tlsMismatch.test(error.message)) {
		return new EngineError(statusCode, untrusted.line(engineWords(error), 400), error);
	}
	return unreachable(error, endpoint, untrusted);
}

export function isEngineError(error: unknown, ...statusCodes: number[]): error is EngineError {
	return error instanceof EngineError && (statusCodes.length === 0 || statusCodes.includes(error.statusCode));
}

/**
 * For what only asks: an engine that answers 5xx has not said what it was asked, and may the next time. Whoever sends a build, an image
 * or a specification reads the engine's words itself.
 */
export function asNoAnswer(error: unknown): unknown {
	if (!isEngineError(error) || error.statusCode < 500) return error;
	return new DeploymillError("docker_unreachable", `Docker could not answer (${error.statusCode}): ${error.said}`, {
		hint: "Try again in a moment. If it lasts, look at the Docker daemon's log on that machine, as with `journalctl -u docker`.",
		cause: error,
	});
}

function unreachable(error: Error, endpoint: string, untrusted: Untrusted): Error {
	const code = codeOf(error);
	const tls = tlsCode.test(code) || tlsMismatch.test(error.message);
	const reason = tls ? "the TLS handshake failed" : reasons[code];
	// A TypeError of ours, a database that is full, a folder that cannot be written: none of them is Docker's fault.
	if (!reason && !tls && !connectionCode.test(code)) return error;
	const detail = reason && !tls && code !== "ERR_SSH" ? reason : `${reason ?? "the connection failed"} (${untrusted.line(error.message)})`;
	return new DeploymillError("docker_unreachable", `Docker is not reachable at ${endpoint}: ${detail}.`, {
		hint: hintFor(code, tls),
		cause: error,
	});
}

function hintFor(code: string, tls: boolean): string {
	if (tls) return checkTls;
	return code === "EACCES" || code === "EPERM" ? joinDockerGroup : passDockerHost;
}

function codeOf(error: Error): string {
	const code = (error as { code?: unknown }).code;
	if (typeof code === "string") return code;
	if (error.name === "TimeoutError") return "ABORT_ERR";
	// Node's AggregateError of a host with several addresses carries the codes inside.
	const first = error instanceof AggregateError ? error.errors[0] : undefined;
	return first instanceof Error ? codeOf(first) : "";
}

/** Node reports both our time-out and a caller's abort as AbortError; the cause tells them apart. */
function isCallersAbort(error: Error): boolean {
	return error.name === "AbortError" && (error.cause as Error | undefined)?.name !== "TimeoutError";
}

/** dockerode puts the engine's message inside of its own: `(HTTP code 404) no such service - service x not found `. */
function engineWords(error: Error): string {
	const message = (error as { json?: { message?: unknown } | null }).json?.message;
	return typeof message === "string" ? message : error.message.replace(/^\(HTTP code \d+\) .*? - /s, "");
}
