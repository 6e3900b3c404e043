import { randomBytes } from "node:crypto";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerRegistry } from "../../src/adapters/docker/registry.ts";
import { DeploymillError } from "../../src/errors.ts";
import { faultsOf, Secrets } from "../support/answer-rules.ts";
import { inWhole } from "../support/attack-part.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { openWorkbench, type Workbench } from "../support/docker-workbench.ts";
import { type HostileRegistry, hostileRegistries } from "../support/hostile-registries.ts";
import { TestBed } from "../support/test-bed.ts";
import { expectTamed } from "../support/untrusted-text.ts";

/** The engine's own patience with a registry, several times over. */
const deadlineMs = 400_000;
const said = ["registry_auth_failed", "registry_unreachable", "image_missing", "push_failed"];

describe("A registry that", () => {
	let bed: TestBed;
	let bench: Workbench;
	let server: Deploymill;
	let repoUrl: string;
	let host: string;
	let registry: TestServer;
	let elsewhere: TestServer;
	const password = `rpassword${randomBytes(12).toString("hex")}`;
	const secrets = new Secrets({ "registry password": password });
	const unaborted = new AbortController().signal;

	beforeAll(async () => {
		bed = await TestBed.open();
		bench = await openWorkbench();
		// The engine reaches the machine of the tests by the first address of its network.
		host = bed.sandbox.edgeAddress.replace(/\.\d+:\d+$/, ".1");
		registry = await TestServer.listen(host);
		elsewhere = await TestServer.listen(host);
		server = await bed.server({
			DEPLOYMILL_REGISTRY: `${registry.address}/apps`,
			DEPLOYMILL_REGISTRY_USERNAME: "mill",
			DEPLOYMILL_REGISTRY_PASSWORD: password,
		});
		repoUrl = (await bed.project("kept", { fixture: "worker" })).repoUrl;
	});
	afterAll(async () => {
		await Promise.all([registry[Symbol.asyncDispose](), elsewhere[Symbol.asyncDispose]()]);
		await bench.close();
		await bed.close();
	});

	for (const hostile of hostileRegistries) {
		(hostile.quick ? it : inWhole)(`${hostile.what}: is a warning of a plan at most`, () => plan(hostile), deadlineMs);
	}

	for (const hostile of hostileRegistries) {
		(hostile.quick ? it : inWhole)(`${hostile.what}: has no image`, () => look(hostile), deadlineMs);
	}

	// Side by side: the engine tries each for a minute or so before it gives up.
	inWhole("is hostile in any of these ways: fails a push", () => Promise.all(hostileRegistries.map(push)), deadlineMs);

	async function plan(hostile: HostileRegistry): Promise<void> {
		const seen = registry.behave(hostile.listener(`http://${elsewhere.address}`));
		const result = await server.client.callTool({ name: "reconcile_project", arguments: { repoUrl, dryRun: true } }, undefined, {
			timeout: deadlineMs,
		});
		await server.client.ping();
		expect(faultsOf("reconcile_project", result as never, secrets)).toEqual([]);
		expectTamed(result.structuredContent, ["plan.warnings[]"]);
		const { warnings } = (result.structuredContent as { plan: { warnings: string[] } }).plan;
		// A registry that answers a login with a yes has nothing to be warned of.
		expect(seen.count).toBeGreaterThan(0);
		expect(warnings.every((warning) => warning.length < 1000)).toBe(true);
	}

	async function look(hostile: HostileRegistry): Promise<void> {
		registry.behave(hostile.listener(`http://${elsewhere.address}`));
		const credentials = { username: "mill", password, serverAddress: registry.address };
		const reference = `${registry.address}/apps/x@sha256:${"0".repeat(64)}`;
		if (hostile.foundOutByPull) return expect(pull(reference)).rejects.toThrow();
		const port = new DockerRegistry(bench.client, registry.address, async () => credentials);
		return expectKnown(await port.checkManifest(reference).catch((error: unknown) => error));
	}

	async function pull(reference: string): Promise<void> {
		const progress = await text((await bench.docker.pull(reference)) as Readable);
		if (/"error"/.test(progress)) throw new Error(progress);
	}

	async function push(hostile: HostileRegistry, index: number): Promise<void> {
		await using ownRegistry = await TestServer.listen(host);
		ownRegistry.behave(hostile.listener(`http://${elsewhere.address}`));
		const repo = `${ownRegistry.address}/apps/${bench.prefix}-${index}`;
		await bench.docker.getImage("node:24-slim").tag({ repo, tag: "1" });
		const credentials = { username: "mill", password, serverAddress: ownRegistry.address };
		const lines: string[] = [];
		const listener = { line: (line: string) => void lines.push(line), step() {} };
		// Cancelled where the engine would wait for ever.
		const signal = hostile.slow ? AbortSignal.timeout(20_000) : unaborted;
		const fault = await bench.images.push(`${repo}:1`, credentials, listener, signal).catch((error: unknown) => error);
		if (!signal.aborted) expectKnown(fault);
		expect(secrets.findIn(lines.join("\n"))).toEqual([]);
	}

	/** Never a yes: what is not a manifest, or not the one asked for, is none. */
	function expectKnown(error: unknown): void {
		if (!(error instanceof DeploymillError)) throw new Error("no DeploymillError was thrown", { cause: error });
		const body = error.toBody() as unknown as Content;
		expect(said).toContain(body.code);
		expectTamed(body);
		expect(JSON.stringify(body).length).toBeLessThan(16_000);
		expect(secrets.findIn(JSON.stringify(body))).toEqual([]);
	}
});

/** An HTTP server whose behaviour changes from test to test. */
class TestServer implements AsyncDisposable {
	readonly address: string;
	readonly #server: http.Server;
	#listener: RequestListener = (_request, response) => void response.writeHead(404).end();
	#seen = { count: 0 };

	private constructor(server: http.Server, host: string) {
		this.#server = server;
		this.address = `${host}:${(server.address() as AddressInfo).port}`;
		server.on("request", (request, response) => {
			this.#seen.count++;
			this.#listener(request, response);
		});
	}

	static async listen(host: string): Promise<TestServer> {
		const server = http.createServer();
		await new Promise<void>((resolve) => server.listen(0, host, resolve));
		return new TestServer(server, host);
	}

	/** @returns how many requests came since */
	behave(listener: RequestListener): { count: number } {
		this.#listener = listener;
		this.#seen = { count: 0 };
		return this.#seen;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}
}
