// Runs the docker program of the sandbox's Debian tree, which this machine need not have, against the sandbox's engine.
import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Sandbox } from "../support/sandbox.ts";

const patienceMs = 120_000;
const buildx = "usr/libexec/docker/cli-plugins/docker-buildx";

export class DockerCli {
	/** First on the PATH, with `docker` in it. */
	readonly #programs: string;
	readonly #env: Record<string, string>;

	private constructor(programs: string, env: Record<string, string>) {
		this.#programs = programs;
		this.#env = env;
	}

	/** @param folder is filled with what the program needs */
	static async make(folder: string, sandbox: Sandbox): Promise<DockerCli> {
		const root = await engineTree(sandbox.suite);
		const config = join(folder, "config");
		const programs = join(folder, "bin");
		await Promise.all([mkdir(join(config, "cli-plugins"), { recursive: true }), mkdir(programs, { recursive: true })]);
		await Promise.all([
			writeProgram(join(programs, "docker"), root, "usr/bin/docker"),
			writeProgram(join(config, "cli-plugins/docker-buildx"), root, buildx),
		]);
		const auth = Buffer.from(`${sandbox.registryUsername}:${sandbox.registryPassword}`).toString("base64");
		await writeFile(join(config, "config.json"), JSON.stringify({ auths: { [sandbox.registry]: { auth } } }), { mode: 0o600 });
		return new DockerCli(programs, { DOCKER_HOST: sandbox.dockerHost, DOCKER_CONFIG: config, HOME: folder });
	}

	/** Runs a line of shell that calls `docker` as a person would. @returns what it printed */
	async shell(line: string): Promise<string> {
		const env = { ...this.#env, PATH: `${this.#programs}:${process.env.PATH}` };
		const { stdout } = await promisify(execFile)("sh", ["-euc", line], { env, timeout: patienceMs, maxBuffer: 16e6 });
		return stdout.trim();
	}
}

/** The cached file system that the sandbox's engine runs from. */
async function engineTree(suite: string): Promise<string> {
	const { ensureRootFs } = (await import(new URL("../sandbox/rootfs.mjs", import.meta.url).href)) as {
		ensureRootFs(suite: string): Promise<{ root: string }>;
	};
	return (await ensureRootFs(suite)).root;
}

/** With the libraries of its own tree, which are of another release than this machine's. */
async function writeProgram(file: string, root: string, program: string): Promise<void> {
	const libraries = ["lib", "usr/lib"].map((folder) => join(root, folder, `${machine()}-linux-gnu`)).join(":");
	const loader = `"${join(root, loaders[process.arch] ?? "")}" --library-path "${libraries}"`;
	await writeFile(file, `#!/bin/sh\nexec ${loader} "${join(root, program)}" "$@"\n`);
	await chmod(file, 0o755);
}

const loaders: Partial<Record<NodeJS.Architecture, string>> = { x64: "lib64/ld-linux-x86-64.so.2", arm64: "lib/ld-linux-aarch64.so.1" };

function machine(): string {
	return process.arch === "arm64" ? "aarch64" : "x86_64";
}
