// Lists hostile registries: what they answer to the engine, which stands between them and deploymill.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { hostile } from "./untrusted-text.ts";

export interface HostileRegistry {
	what: string;
	/** `elsewhere`: the address of another server of the attacker's. */
	listener(elsewhere: string): RequestListener;
	/** The engine takes so long to give up that only the whole suite waits for it. */
	slow?: true;
	/** The engine takes its word when it is asked about an image, and finds out when it pulls. */
	foundOutByPull?: true;
	/** Also in the quick part. */
	quick?: true;
}

const version = { "docker-distribution-api-version": "registry/2.0" };
const denial = JSON.stringify({ errors: [{ code: "DENIED", message: hostile, detail: hostile.repeat(50) }] });

const saying = (what: string, status: number, headers: Record<string, string>, body: string | Buffer): HostileRegistry => ({
	what,
	listener: () => (_request, response) => void response.writeHead(status, { ...version, ...headers }).end(body),
});

/** Lets everybody in, and answers what comes then. */
const open = (what: string, answer: (request: IncomingMessage, response: ServerResponse) => void): HostileRegistry => ({
	what,
	listener: () => (request, response) => {
		if (request.url === "/v2/") response.writeHead(200, version).end("{}");
		else answer(request, response);
	},
});

const other = JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] });
const manifest = { "content-type": "application/vnd.oci.image.manifest.v1+json" };

export const hostileRegistries: HostileRegistry[] = [
	{
		what: "names another host as the one that gives tokens",
		quick: true,
		listener: (elsewhere) => (_request, response) =>
			void response
				.writeHead(401, { ...version, "www-authenticate": `Bearer realm="${elsewhere}/token",service="evil",scope="*"` })
				.end(denial),
	},
	{ ...saying("says 401 in words of its own", 401, { "www-authenticate": 'Basic realm="x"' }, denial), quick: true },
	saying("says 403", 403, {}, denial),
	saying("says 404", 404, {}, denial),
	saying("says 429", 429, { "retry-after": "99999999" }, denial),
	{ ...saying("says 500", 500, {}, denial), quick: true },
	saying("answers with a page", 200, { "content-type": "text/html" }, `<html>${hostile}</html>`),
	{
		what: "redirects to another host",
		listener: (elsewhere) => (request, response) => void response.writeHead(307, { location: `${elsewhere}${request.url}` }).end(),
	},
	{ ...open("resets the connection", (request) => request.socket.resetAndDestroy()), quick: true },
	{
		...open("gives a manifest that is not the one asked for", (_request, response) => void response.writeHead(200, manifest).end(other)),
		foundOutByPull: true,
	},
	{
		...open("gives a manifest drop by drop", (_request, response) => {
			response.writeHead(200, manifest);
			const timer = setInterval(() => response.write(Buffer.alloc(1024, 32)), 50);
			response.on("close", () => clearInterval(timer));
		}),
		slow: true,
	},
	{ ...open("never answers", () => undefined), slow: true },
	{
		what: "never lets anybody know whether it lets them in",
		slow: true,
		listener: () => () => undefined,
	},
];
