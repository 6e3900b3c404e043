import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerImages } from "../../../src/adapters/docker/images.ts";
import { DockerRegistry } from "../../../src/adapters/docker/registry.ts";
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import { describeImages } from "../../contract/images-contract.ts";
import { type CheckoutFolder, checkoutFolder } from "../../support/checkout-folder.ts";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const listener = { line() {}, step() {} };
const unaborted = new AbortController().signal;
/** Nothing listens there, and no time is lost to find out. */
const closedPort = "127.0.0.1:1";

describeImages("a real engine", async () => {
	const bench = await openWorkbench();
	const { images, credentials, sandbox, prefix } = bench;
	const folders: CheckoutFolder[] = [];
	const order = async (tag: string, content: string, dockerfile: string) => {
		const folder = await checkoutFolder({ Dockerfile: dockerfile, app: `${prefix} ${content}` });
		folders.push(folder);
		return { directory: folder.directory, build: { dockerfile: "Dockerfile", context: ".", args: {} }, tag, noCache: false };
	};
	return {
		images,
		credentials,
		registry: new DockerRegistry(bench.client, sandbox.registry, async () => credentials),
		repository: `${sandbox.registry}/apps/${prefix}`,
		order: (tag, content) => order(tag, content, "FROM scratch\nCOPY --chmod=755 app /\n"),
		brokenOrder: (tag) => order(tag, "", "FROM scratch\nCOPY nothing /\n"),
		during: (body) => body(),
		async close() {
			await Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]()));
			await bench.close();
		},
	};
});

describe("the registry, through the engine", () => {
	let bench: Workbench;
	let repository: string;
	let wrong: RegistryCredentials;
	beforeAll(async () => {
		bench = await openWorkbench();
		repository = `${bench.sandbox.registry}/apps/${bench.prefix}`;
		wrong = { ...bench.credentials, password: "not the password" };
		await using folder = await checkoutFolder({ Dockerfile: "FROM scratch\nCOPY app /\n", app: bench.prefix });
		const build = { dockerfile: "Dockerfile", context: ".", args: {} };
		await bench.images.build({ directory: folder.directory, build, tag: `${repository}:1`, noCache: false }, listener, unaborted);
	});
	afterAll(() => bench.close());

	const registryWith = (credentials: RegistryCredentials | undefined, address = bench.sandbox.registry) =>
		new DockerRegistry(bench.client, address, async () => credentials);
	const push = (tag: string, credentials: RegistryCredentials | undefined) => bench.images.push(tag, credentials, listener, unaborted);

	it("pushes, returns the digest, and finds the manifest by it", async () => {
		const lines: string[] = [];
		const telling = { line: (text: string) => void lines.push(text), step() {} };
		const { digest } = await bench.images.push(`${repository}:1`, bench.credentials, telling, unaborted);
		expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
		expect(lines.join("\n")).toContain(digest);
		await registryWith(bench.credentials).checkManifest(`${repository}@${digest}`);
		expect(await push(`${repository}:1`, bench.credentials)).toEqual({ digest });
	});

	it("shows the registry's words to a push with wrong credentials", async () => {
		const refused = { code: "registry_auth_failed", details: { output: expect.stringMatching(/unauthorized|no basic auth/) } };
		await expect(push(`${repository}:1`, wrong)).rejects.toMatchObject(refused);
		await expect(push(`${repository}:1`, undefined)).rejects.toMatchObject(refused);
	});

	it("says that the registry of a push is down", async () => {
		const tag = `${closedPort}/${bench.prefix}`;
		await bench.docker.getImage(`${repository}:1`).tag({ repo: tag, tag: "1" });
		await expect(push(`${tag}:1`, bench.credentials)).rejects.toMatchObject({
			code: "registry_unreachable",
			message: expect.stringContaining(closedPort),
		});
	});

	it("tells apart a manifest that is missing, credentials that are wrong, and a registry that is down", async () => {
		const missing = `${repository}@sha256:${"0".repeat(64)}`;
		await expect(registryWith(bench.credentials).checkManifest(missing)).rejects.toMatchObject({ code: "image_missing" });
		await expect(registryWith(wrong).checkManifest(missing)).rejects.toMatchObject({ code: "registry_auth_failed" });
		await expect(registryWith(undefined).checkManifest(missing)).rejects.toMatchObject({ code: "registry_auth_failed" });
		const down = registryWith(bench.credentials).checkManifest(`${closedPort}/app@sha256:${"0".repeat(64)}`);
		await expect(down).rejects.toMatchObject({ code: "registry_unreachable" });
	});

	it("checks the login", async () => {
		await registryWith(bench.credentials).checkLogin();
		await expect(registryWith(wrong).checkLogin()).rejects.toMatchObject({ code: "registry_auth_failed" });
		await expect(registryWith(undefined).checkLogin()).rejects.toMatchObject({ code: "registry_auth_failed" });
		const down = registryWith({ ...bench.credentials, serverAddress: closedPort }, closedPort);
		await expect(down.checkLogin()).rejects.toMatchObject({ code: "registry_unreachable" });
	});

	it("builds from a private base image of our registry, and gives the credentials to no other", async () => {
		await push(`${repository}:1`, bench.credentials);
		await bench.images.untag(`${repository}:1`);
		const Dockerfile = `FROM ${repository}:1\nCOPY app /again\n`;
		await using folder = await checkoutFolder({ Dockerfile, app: "" });
		const build = { dockerfile: "Dockerfile", context: ".", args: {} };
		const order = { directory: folder.directory, build, tag: `${bench.prefix}-derived:1`, noCache: true };
		const asked: string[] = [];
		const elsewhere = new DockerImages(bench.client, async (host) => {
			asked.push(host);
			return host === "ghcr.io" ? bench.credentials : undefined;
		});
		await expect(elsewhere.build(order, listener, unaborted)).rejects.toMatchObject({ code: "build_failed" });
		expect(new Set(asked)).toEqual(new Set([bench.sandbox.registry]));
		expect((await bench.images.build(order, listener, unaborted)).imageId).toMatch(/^sha256:/);
	});

	it("untags an image that a task runs, and leaves the task alone", async () => {
		const tag = `${bench.prefix}-runs:1`;
		await bench.docker.getImage("node:24-slim").tag({ repo: `${bench.prefix}-runs`, tag: "1" });
		await bench.swarm.createService(serviceSpec(`${bench.prefix}-runs`, tag, ["sleep", "600"]), undefined);
		const isRunning = (tasks: { state: string }[]) => tasks[0]?.state === "running";
		await until(() => bench.swarm.listTasks(`${bench.prefix}-runs`), isRunning);
		await bench.images.untag(tag);
		expect(await bench.images.has(tag)).toBe(false);
		expect(isRunning(await bench.swarm.listTasks(`${bench.prefix}-runs`))).toBe(true);
	});
});
