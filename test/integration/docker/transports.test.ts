import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../../src/adapters/docker/client.ts";
import { DockerImages } from "../../../src/adapters/docker/images.ts";
import type { DockerEndpoint } from "../../../src/config/docker-endpoint.ts";
import { Redactor } from "../../../src/redact.ts";
import { Untrusted } from "../../../src/untrusted.ts";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { checkoutFolder } from "../../support/checkout-folder.ts";
import { openWorkbench, type Workbench } from "../../support/docker-workbench.ts";

/** The real engine, over each way there is to it: relays stand in for the daemon's own TCP port and for sshd. */
describe("ways to the engine", () => {
	let bench: Workbench;
	let builds = 0;
	let socketPath: string;
	let certificate: Certificate;
	const closers: (() => unknown)[] = [];
	beforeAll(async () => {
		bench = await openWorkbench();
		socketPath = bench.sandbox.dockerHost.replace("unix://", "");
		certificate = await makeCertificate(["IP:127.0.0.1"]);
	});
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
	});
	afterAll(() => bench.close());

	const relay = (client: Socket) => {
		const engine = connect(socketPath);
		client.pipe(engine).pipe(client);
		for (const socket of [client, engine]) socket.on("error", () => [client, engine].map((each) => each.destroy()));
	};

	async function listen(server: Server): Promise<string> {
		const open = new Set<Socket>();
		server.on("connection", (socket: Socket) => open.add(socket));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		closers.push(() => {
			server.close();
			for (const socket of open) socket.destroy();
		});
		return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	function clientOf(host: string, tls?: DockerEndpoint["tls"]): DockerClient {
		const client = new DockerClient({ host, description: host, ...(tls ? { tls } : {}) }, new Untrusted(new Redactor()));
		closers.push(() => client.close());
		return client;
	}

	/** A build needs it all: an upgraded connection, a body that streams up, and an answer that streams down. */
	async function buildThrough(client: DockerClient): Promise<void> {
		await using folder = await checkoutFolder({ Dockerfile: "FROM scratch\nCOPY app /\n", app: "x".repeat(300_000) });
		const build = { dockerfile: "Dockerfile", context: ".", args: {} };
		const order = { directory: folder.directory, build, tag: `${bench.prefix}-way:${++builds}`, noCache: true };
		const images = new DockerImages(client, async () => undefined);
		const { imageId } = await images.build(order, { line() {}, step() {} }, new AbortController().signal);
		expect(await images.has(imageId)).toBe(true);
	}

	it("goes over tcp", async () => {
		await buildThrough(clientOf(await listen(createServer(relay))));
	});

	it("goes over TLS, with a certificate for the client too", async () => {
		const { key, cert } = certificate;
		const server = createTlsServer({ key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }, relay);
		const host = await listen(server);
		await buildThrough(clientOf(host, { ca: cert, key, cert, verify: true }));
		await expect(clientOf(host, { ca: cert, verify: true }).call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
		});
	});

	it("trusts no certificate but those it is told to, unless it is told not to look", async () => {
		const host = await listen(createTlsServer(certificate, relay));
		await expect(clientOf(host, { verify: true }).call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
			message: expect.stringContaining("TLS handshake failed"),
		});
		await clientOf(host, { verify: false }).call((docker) => docker.ping());
	});

	it("says so when the engine wants TLS and is not given it", async () => {
		const host = await listen(
			createServer((socket) => socket.end("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")),
		);
		await expect(clientOf(host).call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
			hint: expect.stringContaining("DOCKER_TLS_VERIFY"),
		});
	});

	it("goes over the user's own ssh", async () => {
		const seen = await fakeSsh(socketPath);
		const client = clientOf("ssh://deploy@docker.test:2222");
		await client.call((docker) => docker.ping());
		await buildThrough(client);
		expect(await seen()).toContain("-l deploy -p 2222 -- docker.test docker system dial-stdio");
	});

	it("brings ssh's own words when it cannot connect", async () => {
		await fakeSsh(undefined);
		await expect(clientOf("ssh://docker.test").call((docker) => docker.ping())).rejects.toMatchObject({
			code: "docker_unreachable",
			message: expect.stringContaining("Permission denied (publickey)"),
		});
	});

	/** A program named ssh, first on the PATH, that connects to the socket or complains as ssh does. */
	async function fakeSsh(target: string | undefined): Promise<() => Promise<string>> {
		const folder = await mkdtemp(join(tmpdir(), "deploymill-ssh-"));
		const body = target
			? `require("fs").appendFileSync(${JSON.stringify(join(folder, "seen"))}, process.argv.slice(2).join(" ") + "\\n");
const socket = require("net").connect(${JSON.stringify(target)}); process.stdin.pipe(socket).pipe(process.stdout); socket.on("close", () => process.exit());`
			: `process.stderr.write("deploy@docker.test: Permission denied (publickey).\\n"); process.exitCode = 255;`;
		await writeFile(join(folder, "ssh"), `#!${process.execPath}\n${body}\n`);
		await chmod(join(folder, "ssh"), 0o755);
		const path = process.env.PATH;
		process.env.PATH = `${folder}${delimiter}${path}`;
		closers.push(async () => {
			process.env.PATH = path;
			await rm(folder, { recursive: true });
		});
		return () => readFile(join(folder, "seen"), "utf8");
	}
});
