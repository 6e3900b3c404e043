// Starts an engine without a swarm: a second sandbox in a copy of this one's scripts, and stand-ins for public images on it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import Docker from "dockerode";
import { pack } from "tar-stream";
import type { Sandbox } from "./sandbox.ts";

const scripts = join(import.meta.dirname, "../sandbox");
const run = promisify(execFile);

/** As the official image: listens on 5000, keeps its images in /var/lib/registry, and takes REGISTRY_* variables. */
const registryConfig = "version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\nhttp: {addr: ':5000'}\n";

/** Listens where it is told to, as Traefik does, and answers with what it was told. */
const ingressProgram = `
const answer = (_request, response) => response.end(JSON.stringify(process.argv.slice(2)));
for (const [, port] of process.argv.join(" ").matchAll(/\\.address=:(\\d+)/g)) require("node:http").createServer(answer).listen(Number(port));
`;

export class EmptyEngine implements AsyncDisposable {
	readonly dockerHost: string;
	readonly docker: Docker;
	/** Where its published ports are reached. */
	readonly address: string;
	readonly registryImage = "stand-in/registry:2";
	readonly ingressImage = "stand-in/traefik:v3";
	readonly #folder: string;

	private constructor(folder: string, sandbox: Sandbox) {
		this.#folder = folder;
		this.dockerHost = sandbox.dockerHost;
		this.docker = new Docker({ socketPath: sandbox.dockerHost.replace("unix://", "") });
		this.address = sandbox.edgeAddress.split(":")[0]!;
	}

	/** Takes some ten seconds; the sandbox's file systems are cached already. */
	static async start(): Promise<EmptyEngine> {
		const folder = await mkdtemp(join(tmpdir(), "deploymill-empty-"));
		await cp(scripts, join(folder, "test/sandbox"), { recursive: true });
		const engine = new EmptyEngine(folder, JSON.parse(await sandboxCommand(folder, "up", "--json")));
		await engine.docker.swarmLeave({ force: true });
		await engine.#makeRegistryImage();
		await engine.#makeIngressImage();
		return engine;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await sandboxCommand(this.#folder, "down");
		await rm(this.#folder, { recursive: true });
	}

	/** Debian's docker-registry is the same program as in the official image. */
	async #makeRegistryImage(): Promise<void> {
		const root = await rootFileSystem(this.#folder);
		const files = ["usr/bin/docker-registry", ...(await librariesOf(root, "/usr/bin/docker-registry"))];
		const archive = join(this.#folder, "registry.tar");
		await run("tar", ["--create", "--dereference", "--file", archive, "--directory", root, ...files]);
		const stream = spawn("cat", [archive], { stdio: ["ignore", "pipe", "inherit"] }).stdout;
		await this.#import(stream, "stand-in/registry-program:local");
		const dockerfile = [
			"FROM stand-in/registry-program:local",
			"COPY config.yml /config.yml",
			'ENTRYPOINT ["/usr/bin/docker-registry", "serve", "/config.yml"]',
		];
		await this.#build(this.registryImage, { Dockerfile: dockerfile.join("\n"), "config.yml": registryConfig });
	}

	#makeIngressImage(): Promise<void> {
		const dockerfile = ["FROM node:24-slim", "COPY ingress.js /ingress.js", 'ENTRYPOINT ["node", "/ingress.js"]'];
		return this.#build(this.ingressImage, { Dockerfile: dockerfile.join("\n"), "ingress.js": ingressProgram });
	}

	async #import(stream: NodeJS.ReadableStream, name: string): Promise<void> {
		const [repo, tag] = name.split(":");
		await this.#follow(await this.docker.importImage(stream, { repo, tag }));
	}

	async #build(name: string, files: Record<string, string>): Promise<void> {
		const context = pack();
		for (const [path, content] of Object.entries(files)) context.entry({ name: path }, content);
		context.finalize();
		await this.#follow(await this.docker.buildImage(context as unknown as NodeJS.ReadableStream, { t: name }));
	}

	async #follow(stream: NodeJS.ReadableStream): Promise<void> {
		const messages = await text(stream as Readable);
		if (/"error"/.test(messages)) throw new Error(`a stand-in image was not made: ${messages}`);
	}
}

async function sandboxCommand(folder: string, ...args: string[]): Promise<string> {
	const child = spawn(process.execPath, [join(folder, "test/sandbox/cli.mjs"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
	const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	if (code !== 0) throw new Error(`sandbox ${args.join(" ")} ended with ${code}: ${errors}`);
	return output.trim().split("\n").at(-1) ?? "";
}

async function rootFileSystem(folder: string): Promise<string> {
	const program =
		"const { ensureRootFs, DEFAULT_SUITE } = await import(process.argv[1]); console.log((await ensureRootFs(DEFAULT_SUITE)).root);";
	const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program, join(folder, "test/sandbox/rootfs.mjs")]);
	return stdout.trim();
}

async function librariesOf(root: string, path: string): Promise<string[]> {
	const { stdout } = await run("chroot", [root, "ldd", path]);
	return [...stdout.matchAll(/\/(\S+) \(0x/g)].map(([, library]) => library!);
}
