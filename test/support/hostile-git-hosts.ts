// Lists hostile git hosts: what answers over http in place of a repository, from the first byte to the pack.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { drippingPack, endlessPack, hostileGit, manyRefs, packet, promisedCommit } from "./hostile-git-server.ts";
import { hostile } from "./untrusted-text.ts";

export interface HostileGitHost {
	what: string;
	/** `inner`: the address of a server that nobody may be sent to. */
	listener(inner: string): RequestListener;
	/** What a call is refused with. Absent: it goes on for as long as the host wants, and has to end when it is cancelled. */
	refused?: string[];
	/** Also in the quick part. */
	quick?: true;
}

const advertisement = { "content-type": "application/x-git-upload-pack-advertisement" };
const unreachable = ["repo_unreachable"];
/** By a limit of ours, or by git giving up. */
const tooMuch = ["repo_not_allowed", "repo_unreachable"];

function saying(
	what: string,
	status: number,
	headers: Record<string, string>,
	body: string | Buffer,
	refused = unreachable,
): HostileGitHost {
	return { what, refused, listener: () => (_request, response) => void response.writeHead(status, headers).end(body) };
}

function socketOf(
	what: string,
	act: (request: IncomingMessage, response: ServerResponse) => void,
	more: Partial<HostileGitHost> = {},
): HostileGitHost {
	return { what, refused: unreachable, listener: () => act, ...more };
}

/** Where the first request is sent to. */
function redirecting(
	what: string,
	to: (inner: string, request: IncomingMessage) => string,
	more: Partial<HostileGitHost> = {},
): HostileGitHost {
	return {
		what,
		refused: ["repo_unreachable", "repo_not_allowed"],
		listener: (inner) => (request, response) => void response.writeHead(302, { location: to(inner, request) }).end(),
		...more,
	};
}

function drip(response: ServerResponse, piece: string | Buffer): void {
	const timer = setInterval(() => response.write(piece), 20);
	response.on("close", () => clearInterval(timer));
}

const service = Buffer.concat([packet("# service=git-upload-pack\n"), Buffer.from("0000")]);
/** What the remote says through git's own channel for people: git prints it behind "remote:". */
const said = Buffer.concat([
	packet(Buffer.concat([Buffer.from([2]), Buffer.from(hostile)])),
	packet(Buffer.concat([Buffer.from([3]), Buffer.from(hostile)])),
]);

export const hostileGitHosts: HostileGitHost[] = [
	{ what: "never answers", listener: () => () => undefined, quick: true },
	{
		what: "sends a list of refs drop by drop",
		listener: () => (_request, response) => drip(response.writeHead(200, advertisement), packet(`${promisedCommit} refs/heads/x\n`)),
		quick: true,
	},
	{ what: "sends a pack drop by drop", listener: () => hostileGit({ pack: drippingPack }), quick: true },
	{
		what: "sends headers drop by drop",
		listener: () => (request) => {
			request.socket.write("HTTP/1.1 200 OK\r\n");
			const timer = setInterval(() => request.socket.write("x: y\r\n"), 20);
			request.socket.on("close", () => clearInterval(timer));
		},
	},
	{ what: "sends a pack without an end", listener: () => hostileGit({ pack: endlessPack }), refused: tooMuch },
	{ what: "sends refs without an end", listener: () => hostileGit({ refs: () => manyRefs() }), refused: tooMuch },
	{
		what: "sends progress without an end in place of the pack",
		listener: () =>
			hostileGit({ pack: (response) => drip(response, packet(Buffer.concat([Buffer.from([2]), Buffer.from(`${hostile}\r`)]))) }),
	},
	socketOf("resets the connection", (request) => request.socket.resetAndDestroy(), { quick: true }),
	socketOf("resets in the middle of the refs", (request, response) => {
		response.writeHead(200, { ...advertisement, "content-length": "5000" });
		response.write(service, () => request.socket.resetAndDestroy());
	}),
	{
		what: "resets in the middle of the pack",
		refused: unreachable,
		listener: () => hostileGit({ pack: (response) => void response.write("0005\u0001", () => response.destroy()) }),
	},
	saying("answers with a page", 200, { "content-type": "text/html" }, `<html>${hostile}</html>`),
	saying("answers with nothing", 200, advertisement, ""),
	saying("lists refs under a wrong content type", 200, { "content-type": "text/plain" }, service),
	saying(
		"lists refs that are gzip which grows a thousandfold",
		200,
		{ ...advertisement, "content-encoding": "gzip" },
		gzipSync(Buffer.alloc(200_000_000)),
	),
	saying("claims a length that it does not send", 200, { ...advertisement, "content-length": "0" }, ""),
	saying("asks for a login in words of its own", 401, { "www-authenticate": `Basic realm="${hostile.replace(/[^ -~]/g, "")}"` }, hostile, [
		"repo_auth_failed",
	]),
	saying(
		"asks for a login of every kind",
		401,
		{ "www-authenticate": 'Negotiate, NTLM, Digest realm="x", nonce="y", Bearer realm="z"' },
		hostile,
		["repo_auth_failed", "repo_unreachable"],
	),
	saying("forbids in words of its own", 403, {}, hostile, ["repo_auth_failed"]),
	saying("says 404", 404, {}, hostile),
	saying("says 429 for a thousand years", 429, { "retry-after": "31536000000" }, hostile),
	saying("says 500", 500, {}, hostile.repeat(1000)),
	saying("complains through git's own channel", 200, advertisement, Buffer.concat([service, packet(`ERR ${hostile}`)])),
	{
		what: "complains beside the pack",
		refused: ["repo_unreachable", "repo_auth_failed", "ref_not_found"],
		listener: () => hostileGit({ pack: (response) => void response.end(said) }),
	},
	{
		what: "sends noise in place of the pack",
		refused: unreachable,
		listener: () => hostileGit({ pack: (response) => void response.end("noise".repeat(5000)) }),
	},
	{ what: "sends no pack", refused: unreachable, listener: () => hostileGit({}) },
	{ ...redirecting("redirects to an inner host", (inner, { url = "" }) => `${inner}${url}`), quick: true },
	redirecting("redirects in a circle", (_inner, { url = "" }) => `${url}&again`),
	redirecting("redirects to a file", () => "file:///etc/passwd"),
	redirecting("redirects to a command", () => "ext::sh -c 'touch /tmp/deploymill-pwned'"),
	{
		what: "redirects the second request to an inner host",
		refused: ["repo_unreachable", "repo_not_allowed"],
		listener: (inner) => (request, response) => {
			if (request.method === "POST") return void response.writeHead(307, { location: `${inner}${request.url}` }).end();
			return hostileGit({})(request, response);
		},
	},
];
