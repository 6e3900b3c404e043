// Talks to a Docker Engine: its HTTP API on a unix socket.
import { request as httpRequest } from "node:http";

const ANSWER_WITHIN_MS = 30_000;

/**
 * One call, its JSON answer parsed. Paths carry no version, so each engine answers in its own newest.
 * @param {string} socket @param {string} method @param {string} path
 * @param {{body?: unknown, stream?: import('node:stream').Readable, timeoutMs?: number}} [options] a body is sent as JSON, a stream as a tar archive
 * @returns {Promise<any>} undefined for an empty answer; rejects with a DockerError
 */
export async function docker(socket, method, path, { body, stream, timeoutMs = ANSWER_WITHIN_MS } = {}) {
	const response = await open(socket, method, path, { body, stream, signal: AbortSignal.timeout(timeoutMs) });
	return parse(await text(response));
}

/**
 * A call whose answer never ends, such as `/events`.
 * @param {string} socket @param {string} path @param {AbortSignal} [signal]
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
export const dockerStream = (socket, path, signal) => open(socket, "GET", path, { signal });

/** @param {Record<string, string[]>} filters */
export const filterQuery = (filters) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;

export class DockerError extends Error {
	constructor(message, status) {
		super(message);
		this.status = status;
	}
}

function open(socketPath, method, path, { body, stream, signal }) {
	const type = stream ? "application/x-tar" : "application/json";
	const headers = { Host: "docker", "Content-Type": type };
	return new Promise((resolve, reject) => {
		const request = httpRequest({ socketPath, method, path, headers, signal, agent: false }, async (response) => {
			if (response.statusCode < 400) return resolve(response);
			const said = await text(response)
				.then(parse)
				.catch((error) => error);
			reject(new DockerError(`${method} ${path}: ${response.statusCode} ${said?.message ?? said}`, response.statusCode));
		});
		request.once("error", reject);
		if (stream) stream.once("error", reject).pipe(request);
		else request.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

async function text(response) {
	response.setEncoding("utf8");
	let all = "";
	for await (const chunk of response) all += chunk;
	return all;
}

function parse(answer) {
	if (answer === "") return undefined;
	try {
		return JSON.parse(answer);
	} catch {
		return answer; // "OK" of /_ping, and the lines of progress
	}
}
