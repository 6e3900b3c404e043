// Holds what ingresses answer for a host that they know no app for, as the real ones do, and what operators make them answer.
import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers for a host without a route. Undefined in place of an answer: the connection is closed, as nginx does with its 444. */
export type UnknownHost = (request: IncomingMessage) => OwnAnswer | undefined;

export interface OwnAnswer {
	status: number;
	headers?: Record<string, string>;
	body?: string;
}

const page = (title: string, text: string) => `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n<body>${text}</body></html>\n`;
const nginx = "nginx/1.22.1";
const nginxError = (status: number, title: string): OwnAnswer => ({
	status,
	headers: { server: nginx, "content-type": "text/html" },
	body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>${nginx}</center>\r\n</body>\r\n</html>\r\n`,
});
const welcome: OwnAnswer = {
	status: 200,
	headers: {
		server: nginx,
		"content-type": "text/html",
		"last-modified": "Wed, 19 Oct 2022 08:02:20 GMT",
		etag: '"634faf0c-267"',
		"accept-ranges": "bytes",
	},
	body: page(
		"Welcome to nginx!",
		"<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed.</p>",
	),
};

/** Traefik (pkg/server/router/router.go) hands a request without a router to Go's `http.NotFoundHandler`. */
export const traefik: UnknownHost = () => ({
	status: 404,
	headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
	body: "404 page not found\n",
});

/** Caddy 2.11, asked: it tells a GET the length 0, and a HEAD no length at all. */
export const caddy: UnknownHost = () => ({ status: 200, headers: { server: "Caddy" } });

/** nginx 1.22 with the site that Debian installs, asked: a page at `/`, and nothing elsewhere. */
export const nginxDefaultSite: UnknownHost = ({ url }) => (url === "/" ? welcome : nginxError(404, "Not Found"));

/** nginx 1.22 with `return 404;`, asked. */
export const nginx404: UnknownHost = () => nginxError(404, "Not Found");

/** nginx 1.22 with `return 503;`, asked; nginx-proxy is configured so. */
export const nginx503: UnknownHost = () => nginxError(503, "Service Temporarily Unavailable");

/** nginx with `return 444;`. */
export const nginx444: UnknownHost = () => undefined;

/** One page for whatever host and path, as a provider of parked domains and many a company's edge have one. */
export const catchAll: UnknownHost = () => ({
	status: 200,
	headers: { "content-type": "text/html" },
	body: page("Welcome", "Coming soon."),
});

/** The same with the host's own name in it, in a header, the title and the text. */
export const catchAllByName: UnknownHost = ({ headers: { host = "" } }) => ({
	status: 200,
	headers: { "content-type": "text/html", "x-served-for": host },
	body: page(host, `<h1>${host} is parked</h1><a href="https://parked.example/buy?domain=${host}">Buy it</a>`),
});

/** The same with something new in every answer, as a page has that counts visitors, or shows the time. */
export const catchAllThatChanges = (): UnknownHost => {
	let visits = 0;
	return () => ({ status: 200, headers: { "content-type": "text/html" }, body: page("Welcome", `You are visitor ${++visits}.`) });
};

/** Sends everybody to https, whatever host they ask for: an answer that a lenient probe takes for good. */
export const redirectToHttps: UnknownHost = ({ headers: { host = "" }, url = "/" }) => ({
	status: 308,
	headers: { location: `https://${host}${url}` },
});

export function answerAs(unknown: UnknownHost, request: IncomingMessage, response: ServerResponse): void {
	const answer = unknown(request);
	if (!answer) {
		request.socket.destroy();
		return;
	}
	const { status, headers = {}, body = "" } = answer;
	const isCaddysHead = body === "" && request.method === "HEAD";
	response.writeHead(status, { ...headers, ...(isCaddysHead ? {} : { "content-length": Buffer.byteLength(body) }) });
	response.end(body);
}
