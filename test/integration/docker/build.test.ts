import { readdir, readFile, symlink } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApplicationConfig } from "../../../src/model/application.ts";
import { checkoutFolder } from "../../support/checkout-folder.ts";
import { openWorkbench, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

type Files = Record<string, string>;
interface Options {
	build?: Partial<ApplicationConfig["build"]>;
	noCache?: boolean;
	signal?: AbortSignal;
	onLine?: (text: string) => void;
	prepare?: (directory: string) => Promise<void>;
}

describe("DockerImages.build", () => {
	let bench: Workbench;
	let builds = 0;
	beforeAll(async () => {
		bench = await openWorkbench();
	});
	afterAll(() => bench.close());

	async function build(files: Files, { build, noCache = false, signal, onLine, prepare }: Options = {}) {
		await using folder = await checkoutFolder(files);
		await prepare?.(folder.directory);
		const lines: string[] = [];
		const steps: string[] = [];
		const listener = {
			line(text: string) {
				lines.push(text);
				onLine?.(text);
			},
			step: (text: string) => void steps.push(text),
		};
		const order = {
			directory: folder.directory,
			build: { dockerfile: "Dockerfile", context: ".", args: {}, ...build },
			// Of its own for each build: an image that loses its tag to another could not be found for removal.
			tag: `${bench.prefix}-app:${++builds}`,
			noCache,
		};
		const { imageId } = await bench.images.build(order, listener, signal ?? new AbortController().signal);
		return { imageId, lines, steps };
	}

	/** What a build's context holds, as the engine got it. */
	async function listContext(files: Files, options: Options = {}): Promise<string[]> {
		const dockerfile = "FROM node:24-slim\nWORKDIR /c\nCOPY . .\nRUN find . -mindepth 1 ! -type d | sort | sed 's/^/file:/'\n";
		const { lines } = await build({ Dockerfile: dockerfile, ...files }, { noCache: true, ...options });
		return lines.flatMap((line) => /file:\.\/(.*)$/.exec(line)?.[1] ?? []);
	}

	it("returns the image's id, and tells lines and steps", async () => {
		const { imageId, lines, steps } = await build(
			{ Dockerfile: "FROM node:24-slim\nARG WHO\nRUN echo hello $WHO\n" },
			{ build: { args: { WHO: `wörld & ${bench.prefix}` } } },
		);
		expect(imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
		expect(await bench.images.has(imageId)).toBe(true);
		expect(await bench.images.has(`${bench.prefix}-app:${builds}`)).toBe(true);
		expect(lines.join("\n")).toMatch(/#\d+ \[2\/2\] RUN echo hello/);
		expect(lines.join("\n")).toMatch(new RegExp(`#\\d+ \\d+\\.\\d\\d hello wörld & ${bench.prefix}`));
		expect(lines.join("\n")).toMatch(/#\d+ DONE \d+\.\ds/);
		expect(steps).toContain(`[2/2] RUN echo hello wörld & ${bench.prefix}`);
	});

	it("gives the same image for the same commit, cached, from another checkout", async () => {
		const files = { Dockerfile: "FROM node:24-slim\nCOPY . /app\nRUN touch /made\n", "app.js": bench.prefix };
		const first = await build({ ...files, ".git/index": "one" });
		const second = await build({ ...files, ".git/index": "two" });
		expect(second.imageId).toBe(first.imageId);
		expect(second.lines.some((line) => line.endsWith(" CACHED"))).toBe(true);
		const third = await build(files, { noCache: true });
		expect(third.lines.some((line) => line.endsWith("RUN touch /made CACHED"))).toBe(false);
		expect(third.imageId).not.toBe(first.imageId);
	});

	it("names the step that failed, its exit code, and brings the end of the log", async () => {
		const failing = build({ Dockerfile: `FROM node:24-slim\nRUN echo ${bench.prefix} the disk is purple >&2; exit 3\n` });
		await expect(failing).rejects.toMatchObject({
			code: "build_failed",
			message: expect.stringMatching(/^The build failed at step 2\/2, which ended with exit code 3\.$/),
			details: { exitCode: 3, step: expect.stringContaining("[2/2] RUN"), log: expect.stringContaining("the disk is purple") },
		});
		const log: string = await failing.then(String, (error) => error.details.log);
		expect(log).toMatch(/^<untrusted-[0-9a-f]+ from="build log">/);
		expect(log.length).toBeLessThan(1700);
	});

	it("says that a base image could not be pulled", async () => {
		await expect(build({ Dockerfile: "FROM registry.invalid/no/such:1\n" })).rejects.toMatchObject({
			code: "build_failed",
			message: expect.stringContaining("base image"),
			hint: expect.stringContaining("FROM"),
			details: { log: expect.stringContaining("registry.invalid/no/such:1") },
		});
	});

	it("says that the Dockerfile is not valid", async () => {
		await expect(build({ Dockerfile: "FROMM scratch\n" })).rejects.toMatchObject({
			code: "build_failed",
			message: expect.stringContaining("not valid"),
			details: { log: expect.stringContaining("unknown instruction: FROMM") },
		});
		await expect(build({ Dockerfile: "" })).rejects.toMatchObject({ code: "build_failed" });
	});

	it("names the Dockerfile that is missing", async () => {
		await expect(build({ "app.js": "" }, { build: { dockerfile: "docker/Dockerfile.prod" } })).rejects.toMatchObject({
			code: "dockerfile_missing",
			message: expect.stringContaining("docker/Dockerfile.prod"),
		});
	});

	it("takes a Dockerfile of another case, in a folder, and outside of the context", async () => {
		const dockerfile = "FROM scratch\nCOPY app.js /\n";
		await build({ dockerfile, "app.js": "" });
		await build({ "deploy/Dockerfile.prod": dockerfile, "app.js": "" }, { build: { dockerfile: "deploy/Dockerfile.prod" } });
		await build({ "deploy/Dockerfile": dockerfile, "src/app.js": "" }, { build: { dockerfile: "deploy/Dockerfile", context: "src" } });
	});

	it("refuses a context or Dockerfile that leads out of the repository", async () => {
		const refused = { code: "project_file_invalid", message: expect.stringContaining("leaves the repository") };
		await expect(build({ Dockerfile: "FROM scratch" }, { build: { context: ".." } })).rejects.toMatchObject(refused);
		await expect(build({}, { build: { dockerfile: "../../etc/passwd" } })).rejects.toMatchObject(refused);
		const prepare = (directory: string) => symlink("/etc", `${directory}/linked`);
		await expect(build({ Dockerfile: "FROM scratch" }, { build: { context: "linked" }, prepare })).rejects.toMatchObject(refused);
		await expect(build({}, { build: { dockerfile: "linked/passwd" }, prepare })).rejects.toMatchObject(refused);
		await expect(build({ Dockerfile: "FROM scratch" }, { build: { context: "nowhere" } })).rejects.toMatchObject({
			code: "project_file_invalid",
			message: expect.stringContaining("no folder nowhere"),
		});
	});

	it("leaves behind what .dockerignore names, and takes what it excepts", async () => {
		const files = {
			".dockerignore": "node_modules\n**/*.log\nlogs/*\n!logs/keep\n",
			"app.js": "",
			"node_modules/a/index.js": "",
			"src/deep/x.log": "",
			"logs/gone": "",
			"logs/keep": "",
		};
		expect(await listContext(files)).toEqual([".dockerignore", "Dockerfile", "app.js", "logs/keep"]);
	});

	it("takes names of any length and alphabet, also as the only ones", async () => {
		const names = ["ä".repeat(60), `${"folder".repeat(20)}/${"n".repeat(200)}`, "💩.js", `${"l".repeat(98)}/ü`, "n".repeat(101)];
		expect(await listContext(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(["Dockerfile", ...names].sort());
		const { lines } = await build({ [names[0]!]: "FROM scratch\nCOPY . /\n" }, { build: { dockerfile: names[0]! } });
		expect(lines.join("\n")).toContain("COPY . /");
	});

	it.each(["a\0b", "a\nb", "\u001b[31m", "x".repeat(32_000)])("does not fall over the build argument %j", async (value) => {
		const building = build({ Dockerfile: "FROM scratch\nARG ODD\nLABEL odd=$ODD\n" }, { build: { args: { ODD: value } } });
		await building.catch((error: unknown) => expect(error).toMatchObject({ code: "build_failed" }));
	});

	it("goes by the Dockerfile's own ignore file first, and sends the Dockerfile though it is ignored", async () => {
		const files = { ".dockerignore": "kept.txt", "Dockerfile.dockerignore": "*\n!kept.txt\n", "kept.txt": "", "other.txt": "" };
		expect(await listContext(files)).toEqual(["Dockerfile", "kept.txt"]);
	});

	it("sends links as links, also those that lead out", async () => {
		const Dockerfile = "FROM node:24-slim\nCOPY . /c\nRUN echo link:$(readlink /c/out) link:$(readlink /c/in)\n";
		const prepare = async (directory: string) => {
			await symlink("/etc/shadow", `${directory}/out`);
			await symlink("app.js", `${directory}/in`);
		};
		const { lines } = await build({ Dockerfile, "app.js": bench.prefix }, { prepare });
		expect(lines.join("\n")).toContain("link:/etc/shadow link:app.js");
	});

	it("ends the build on the engine when it is aborted", async () => {
		const marker = `${bench.prefix}-endless`;
		const aborter = new AbortController();
		const Dockerfile = `FROM node:24-slim\nRUN while true; do echo ${marker}; sleep 0.2; done\n`;
		const onLine = (text: string) => {
			if (text.endsWith(` ${marker}`)) aborter.abort(new Error("changed our mind"));
		};
		await expect(build({ Dockerfile }, { signal: aborter.signal, onLine })).rejects.toThrow("changed our mind");
		const started = Date.now();
		await until(
			() => processesWith(marker),
			(pids) => pids.length === 0,
			5000,
		);
		console.log(`the engine's build ended ${Date.now() - started} ms after the abort`);
	});
});

/** The sandbox's engine shares the machine's process table. */
async function processesWith(marker: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
	const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
	return pids.filter((_, index) => commands[index]?.includes(marker));
}
