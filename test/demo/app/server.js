// The demo's web app: one page that tells its version, and the endpoint that tells whether it is well.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { isWelcome } from "./hosts.js";
import { port } from "./settings.js";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json"));
const page = read("page.html").replaceAll("{version}", version);

const server = createServer((request, response) => {
	if (!isWelcome(request.headers.host ?? "")) return response.writeHead(400).end("This host name is not served here.\n");
	if (request.url === "/healthz") return response.end("ok\n");
	if (request.url === "/") return response.setHeader("content-type", "text/html; charset=utf-8").end(page);
	return response.writeHead(404).end("There is no such page.\n");
});

server.listen(port, () => console.log(`version ${version} listens on port ${port}`));

// As the first process of a container it would not end by itself on SIGTERM.
process.once("SIGTERM", () => {
	server.close(() => process.exit());
	server.closeIdleConnections();
});
