// Runs a second registry with a password of its own: it lets its user through to the sandbox's registry, and notes who else came.
import { randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Sandbox } from "./sandbox.ts";

export class SecondRegistry implements AsyncDisposable {
	readonly username = "somebody";
	readonly password = `second${randomBytes(12).toString("hex")}`;
	/** Every Authorization header that reached it. */
	readonly seen = new Set<string>();
	/** `host:port` */
	readonly address: string;
	readonly #server: http.Server;

	private constructor(server: http.Server, host: string) {
		this.#server = server;
		this.address = `${host}:${(server.address() as AddressInfo).port}`;
	}

	static async start(sandbox: Sandbox): Promise<SecondRegistry> {
		// The engine reaches the machine of the tests by the first address of its network.
		const host = sandbox.registry.replace(/\.\d+:\d+$/, ".1");
		const server = http.createServer();
		await new Promise<void>((resolve) => server.listen(0, host, resolve));
		const registry = new SecondRegistry(server, host);
		const behind = basic(sandbox.registryUsername, sandbox.registryPassword);
		server.on("request", (incoming, outgoing) => {
			const { authorization } = incoming.headers;
			if (authorization !== undefined) registry.seen.add(authorization);
			if (authorization !== registry.authorization) {
				incoming.resume();
				outgoing.writeHead(401, { "www-authenticate": 'Basic realm="second"', "docker-distribution-api-version": "registry/2.0" }).end();
				return;
			}
			const headers = { ...incoming.headers, authorization: behind };
			const [hostname, port] = sandbox.registry.split(":");
			const onward = http.request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
				outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(outgoing);
			});
			onward.on("error", () => outgoing.destroy());
			incoming.pipe(onward);
		});
		return registry;
	}

	/** What its user sends. */
	get authorization(): string {
		return basic(this.username, this.password);
	}

	/** As `docker login` leaves it in config.json. */
	get auths(): Record<string, { auth: string }> {
		return { [this.address]: { auth: this.authorization.replace("Basic ", "") } };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

function basic(username: string, password: string): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
