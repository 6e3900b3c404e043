import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import util from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DockerClient } from "../../../src/adapters/docker/client.ts";
import { requireNetwork } from "../../../src/adapters/docker/swarm-facts.ts";
import { Redactor } from "../../../src/redact.ts";
import { Untrusted } from "../../../src/untrusted.ts";

const clients: DockerClient[] = [];

function clientOf(host: string, tls?: { verify: boolean }): DockerClient {
	const client = new DockerClient({ host, description: `${host} (DOCKER_HOST)`, ...(tls ? { tls } : {}) }, new Untrusted(new Redactor()));
	clients.push(client);
	return client;
}

describe("DockerClient", () => {
	afterEach(() => {
		for (const client of clients.splice(0)) client.close();
	});

	it("names the socket that is not there", async () => {
		await expect(clientOf("unix:///nowhere/docker.sock").call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
			message: "Docker is not reachable at unix:///nowhere/docker.sock (DOCKER_HOST): there is no such socket.",
			hint: expect.stringContaining("DOCKER_HOST must stand in the env"),
		});
	});

	it("names the port that is closed", async () => {
		const port = await closedPort();
		await expect(clientOf(`tcp://127.0.0.1:${port}`).request({ path: "/info", method: "GET" })).rejects.toMatchObject({
			code: "docker_unreachable",
			message: expect.stringContaining("nothing listens there"),
		});
	});

	it("tells of a TLS endpoint that does not speak TLS", async () => {
		const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		const port = await listen(server);
		await expect(clientOf(`tcp://127.0.0.1:${port}`, { verify: true }).call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
			message: expect.stringContaining("TLS handshake failed"),
			hint: expect.stringContaining("DOCKER_CERT_PATH"),
		});
		server.close();
	});

	it("goes where it is told and not where the environment points", async () => {
		process.env.DOCKER_HOST = "tcp://127.0.0.1:1";
		process.env.DOCKER_CERT_PATH = "/nowhere";
		try {
			await expect(clientOf("unix:///nowhere/docker.sock").call((docker) => docker.ping())).rejects.toThrow("no such socket");
			expect(process.env.DOCKER_HOST).toBe("tcp://127.0.0.1:1");
		} finally {
			delete process.env.DOCKER_HOST;
			delete process.env.DOCKER_CERT_PATH;
		}
	});

	it("opens no more connections than its bound, and renders none of them for docker-modem's debug line", async () => {
		const rendered = vi.spyOn(util, "inspect");
		const open = { now: 0, most: 0 };
		const server = createHttpServer((_request, response) => response.end("[]"));
		server.on("connection", (socket) => {
			open.most = Math.max(open.most, ++open.now);
			socket.once("close", () => open.now--);
		});
		const port = await listen(server);
		const client = clientOf(`tcp://127.0.0.1:${port}`);
		const answers = await Promise.all(Array.from({ length: 300 }, () => client.request({ path: "/services", method: "GET" })));
		expect(answers).toEqual(Array(300).fill([]));
		expect(open.most).toBeGreaterThan(1);
		expect(open.most).toBeLessThanOrEqual(32);
		const lengths = rendered.mock.results.map(({ value }) => String(value).length);
		rendered.mockRestore();
		expect(lengths.length).toBeGreaterThanOrEqual(300);
		expect(Math.max(...lengths)).toBeLessThan(5000);
		server.closeAllConnections();
		server.close();
	});

	it("knows the version of its API by a ping alone, and by /version where a proxy keeps the ping's headers to itself", async () => {
		const asked: string[] = [];
		let named: Record<string, string> = { "Api-Version": "1.51" };
		const server = createHttpServer((request, response) => {
			asked.push(request.url ?? "");
			if (request.url === "/_ping") response.writeHead(200, named).end("OK");
			else response.end(JSON.stringify({ ApiVersion: "1.44" }));
		});
		const client = clientOf(`tcp://127.0.0.1:${await listen(server)}`);
		expect(await client.apiVersion()).toBe("1.51");
		named = {};
		expect(await client.apiVersion()).toBe("1.44");
		expect(asked).toEqual(["/_ping", "/_ping", "/version"]);
		server.closeAllConnections();
		server.close();
	});

	it("tells of a ping whose answer is cut off, and of one that the engine refuses", async () => {
		const cut = createHttpServer((_request, response) => {
			response.writeHead(200, { "Api-Version": "1.51", "Content-Length": "2" }).write("O", () => response.destroy());
		});
		await expect(clientOf(`tcp://127.0.0.1:${await listen(cut)}`).apiVersion()).rejects.toMatchObject({ code: "docker_unreachable" });
		cut.close();
		const refuses = createHttpServer((_request, response) => response.writeHead(403).end("no pings"));
		await expect(clientOf(`tcp://127.0.0.1:${await listen(refuses)}`).apiVersion()).rejects.toMatchObject({ statusCode: 403 });
		refuses.closeAllConnections();
		refuses.close();
	});

	it("looks at a network again that Swarm has just been told of, and shows without its driver", async () => {
		const drivers = ["", "", "overlay"];
		const server = createHttpServer((_request, response) => {
			response.end(JSON.stringify([{ Id: "n1", Name: "deploymill", Driver: drivers.shift(), Scope: "swarm", Attachable: true }]));
		});
		const client = clientOf(`tcp://127.0.0.1:${await listen(server)}`);
		expect(await requireNetwork(client, "deploymill")).toBe("n1");
		expect(drivers).toEqual([]);
		server.closeAllConnections();
		server.close();
	});

	it("refuses an address it cannot open", async () => {
		await expect(clientOf("fd://3").request({ path: "/info", method: "GET" })).rejects.toThrow("not of a kind deploymill can open");
	});
});

async function closedPort(): Promise<number> {
	const server = createServer();
	const port = await listen(server);
	await new Promise((resolve) => server.close(resolve));
	return port;
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}
