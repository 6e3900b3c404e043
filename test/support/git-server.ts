// Serves repositories over git's own smart HTTP (git http-backend).
import { spawn } from "node:child_process";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { dirname } from "node:path";

/** Serves the repositories that lie beside `repositoryDirectory`, each under its folder's name. */
export function gitBackend(repositoryDirectory: string): RequestListener {
	return (request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? "/", "http://host");
		const backend = spawn("git", ["http-backend"], {
			env: {
				PATH: process.env.PATH,
				GIT_PROJECT_ROOT: dirname(repositoryDirectory),
				GIT_HTTP_EXPORT_ALL: "1",
				GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
				PATH_INFO: pathname,
				QUERY_STRING: searchParams.toString(),
				REQUEST_METHOD: request.method,
				CONTENT_TYPE: request.headers["content-type"] ?? "",
				HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
			},
			stdio: ["pipe", "pipe", "inherit"],
		});
		request.pipe(backend.stdin);
		relay(backend.stdout, response);
	};
}

/** Answers 401 unless the request carries these credentials, and remembers every Authorization header. */
export function withBasicAuth(password: string, inner: RequestListener, seen: (string | undefined)[]): RequestListener {
	const wanted = `Basic ${Buffer.from(`x-access-token:${password}`).toString("base64")}`;
	return (request: IncomingMessage, response) => {
		seen.push(request.headers.authorization);
		if (request.headers.authorization === wanted) return inner(request, response as never);
		return response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
	};
}

/** A CGI's answer: headers, an empty line, the body. */
function relay(output: NodeJS.ReadableStream, response: ServerResponse): void {
	let head = Buffer.alloc(0);
	let begun = false;
	output.on("data", (chunk: Buffer) => {
		if (begun) return response.write(chunk);
		head = Buffer.concat([head, chunk]);
		const end = head.indexOf("\r\n\r\n");
		if (end === -1) return undefined;
		begun = true;
		const headers = head
			.subarray(0, end)
			.toString()
			.split("\r\n")
			.map((line) => line.split(": ") as [string, string]);
		const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
		response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
		return response.write(head.subarray(end + 4));
	});
	output.on("end", () => response.end());
}
