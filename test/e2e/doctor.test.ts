// `deploymill doctor`: all is well in the sandbox; and each failure, really provoked, is told with its cure.
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDeploymill } from "../support/command.ts";
import { EventsReceiver } from "../support/event-receiver.ts";
import { findSandbox, type Sandbox } from "../support/sandbox.ts";
import { closedPort } from "../support/server.ts";

interface Check {
	name: string;
	ok: boolean;
	status: "ok" | "warning" | "failed" | "skipped";
	detail: string;
	cure?: string;
	output?: string;
}

const nobody = 65_534;

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
	sandbox = await findSandbox();
	folder = await mkdtemp(join(tmpdir(), "deploymill-doctor-test-"));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

function env(changes: Record<string, string> = {}): Record<string, string> {
	return { ...sandbox.env, DEPLOYMILL_DATA_DIR: join(folder, "data"), ...changes };
}

async function examine(changes: Record<string, string> = {}, options: { uid?: number } = {}, ...more: string[]) {
	const { code, stdout } = await runDeploymill(["doctor", "--json", ...more], env(changes), options);
	const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
	const check = (name: string) => checks.find((candidate) => candidate.name === name)!;
	return { code, ok, checks, check, stdout };
}

describe("where all is well", () => {
	it("finds every check well, exits with 0, and leaves no image on the engine", async () => {
		const { code, ok, checks, check } = await examine();
		expect(checks.filter((candidate) => candidate.status !== "ok")).toEqual([]);
		expect({ code, ok }).toEqual({ code: 0, ok: true });
		expect(check("docker").detail).toContain(sandbox.engineVersion);
		expect(check("docker").detail).toContain(sandbox.dockerHost);
		const tag = / (\S+deploymill-doctor:\S+) /.exec(check("push and pull").detail)?.[1] ?? "";
		expect(await inRegistry(tag)).toBe(true);
		const images = await new Docker({ socketPath: sandbox.dockerHost.replace("unix://", "") }).listImages();
		expect(images.flatMap(({ RepoTags }) => RepoTags ?? [])).not.toContain(tag);
		expect((await stat(join(folder, "data"))).mode & 0o777).toBe(0o700);
	});

	it("prints nothing of Docker's traffic, which holds the registry's password, where DEBUG is set for another program", async () => {
		const { code, stderr } = await runDeploymill(["doctor"], env({ DEBUG: "*" }));
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	it("is readable for people", async () => {
		const { code, stdout } = await runDeploymill(["doctor"], env());
		expect(code).toBe(0);
		expect(stdout).toMatch(/^push and pull +ok +an image/m);
		expect(stdout.trim()).toMatch(/All is well\.$/);
	});

	it("warns, and does not fail, where no registry is configured", async () => {
		const none = { DEPLOYMILL_REGISTRY: "", DEPLOYMILL_REGISTRY_USERNAME: "", DEPLOYMILL_REGISTRY_PASSWORD: "" };
		const { code, check } = await examine(none);
		expect(code).toBe(0);
		expect(check("registry")).toMatchObject({ ok: true, status: "warning", detail: expect.stringContaining("rollback cannot be enabled") });
	});

	it("finds the ingress by its service where no edge address is set", async () => {
		const { check } = await examine({ DEPLOYMILL_EDGE_ADDRESS: "" });
		expect(check("ingress")).toMatchObject({ ok: true, detail: expect.stringContaining("sandbox-ingress publishes 80") });
	});

	it("sends one event for trial, signed, when it is told to", async () => {
		await using receiver = await EventsReceiver.open("a-token-of-some-length");
		const { code, check } = await examine(receiver.env, {}, "--notify");
		expect({ code, sent: receiver.received }).toMatchObject({
			code: 0,
			sent: [{ event: "trial", isSigned: true, deliveryId: expect.stringMatching(/^trial-/), text: expect.stringContaining("for trial") }],
		});
		expect(check("notify")).toMatchObject({
			status: "ok",
			detail: "every end of a deployment is sent, signed; the receiver took one for trial",
		});
		expect((await examine(receiver.env)).code).toBe(0);
		expect(receiver.received).toHaveLength(1);
	});

	it("warns of a secret that can be guessed", async () => {
		await using receiver = await EventsReceiver.open("a-token-of-some-length");
		const { check } = await examine({ ...receiver.env, DEPLOYMILL_NOTIFY_SECRET: "hunter22" });
		expect(check("notify")).toMatchObject({ status: "warning", cure: expect.stringContaining("16 characters or more") });
	});

	it("asks for no ingress where there is none", async () => {
		const { check } = await examine({ DEPLOYMILL_INGRESS: "none" });
		expect(check("ingress")).toMatchObject({ ok: true, status: "ok" });
	});
});

describe("each failure, with its cure", () => {
	it("nothing listens at the Docker endpoint", async () => {
		const port = await closedPort();
		const { code, ok, check } = await examine({ DOCKER_HOST: `tcp://127.0.0.1:${port}` });
		expect({ code, ok }).toEqual({ code: 1, ok: false });
		expect(check("docker")).toMatchObject({
			status: "failed",
			detail: expect.stringContaining(`tcp://127.0.0.1:${port}`),
			cure: expect.stringContaining("DOCKER_HOST must stand in the env"),
		});
		expect(check("swarm")).toMatchObject({ ok: false, status: "skipped" });
		expect(check("git")).toMatchObject({ ok: true });
	});

	it("the Docker endpoint has an address of no kind", async () => {
		const { check } = await examine({ DOCKER_HOST: "ftp://engine" });
		expect(check("docker")).toMatchObject({ status: "failed", detail: expect.stringContaining("DOCKER_HOST") });
	});

	it("the network is missing", async () => {
		const { code, check } = await examine({ DEPLOYMILL_NETWORK: "not-there" });
		expect(code).toBe(1);
		expect(check("network")).toMatchObject({ status: "failed", cure: expect.stringContaining("docker network create") });
		expect(check("ingress").status).toBe("skipped");
		expect(check("push and pull").status).toBe("ok");
	});

	it("the registry's password is wrong, and is shown nowhere", async () => {
		const { code, check, stdout } = await examine({ DEPLOYMILL_REGISTRY_PASSWORD: "not-the-password" });
		expect(code).toBe(1);
		expect(check("registry")).toMatchObject({
			status: "failed",
			cure: expect.stringContaining("DEPLOYMILL_REGISTRY_USERNAME"),
			output: expect.stringMatching(/^<untrusted-/),
		});
		expect(check("push and pull").status).toBe("skipped");
		expect(stdout).not.toContain("not-the-password");
	});

	it("the registry is down", async () => {
		const host = sandbox.registry.split(":")[0];
		const { check } = await examine({ DEPLOYMILL_REGISTRY: `${host}:5999/apps` });
		expect(check("registry")).toMatchObject({ status: "failed", cure: expect.stringContaining("registry runs") });
	});

	it("nothing listens at the edge", async () => {
		const { check } = await examine({ DEPLOYMILL_EDGE_ADDRESS: `127.0.0.1:${await closedPort()}` });
		expect(check("ingress")).toMatchObject({ status: "failed", detail: expect.stringContaining("refused"), cure: expect.any(String) });
	});

	it("the data folder cannot be written", async () => {
		const closed = join(folder, "closed");
		await mkdir(closed, { mode: 0o500 });
		// To root every folder is open.
		const asUser = process.getuid?.() === 0 ? { uid: nobody } : {};
		const { check } = await examine({ DEPLOYMILL_DATA_DIR: join(closed, "data") }, asUser);
		expect(check("data folder")).toMatchObject({ status: "failed", cure: expect.stringContaining("DEPLOYMILL_DATA_DIR") });
	});

	it("the data folder is open to others", async () => {
		const open = join(folder, "open");
		await mkdir(open, { mode: 0o755 });
		const { check } = await examine({ DEPLOYMILL_DATA_DIR: open });
		expect(check("data folder")).toMatchObject({ status: "failed", detail: expect.stringContaining("0755"), cure: `chmod 700 ${open}` });
	});

	it("the database is of a newer deploymill, and stays as it is", async () => {
		const newer = join(folder, "newer");
		await mkdir(newer, { mode: 0o700 });
		const database = new DatabaseSync(join(newer, "deploymill.db"));
		database.exec("PRAGMA user_version = 999");
		database.close();
		const { check } = await examine({ DEPLOYMILL_DATA_DIR: newer });
		expect(check("data folder")).toMatchObject({
			status: "failed",
			detail: expect.stringContaining("version 999"),
			cure: expect.stringContaining("newer deploymill"),
		});
		expect(check("deployments").status).toBe("skipped");
	});

	it("git is not in PATH", async () => {
		const { check } = await examine({ PATH: folder });
		expect(check("git")).toMatchObject({ status: "failed", cure: expect.stringContaining("Install git") });
	});

	it("the git token's file is missing", async () => {
		const { check } = await examine({ DEPLOYMILL_GIT_TOKEN_FILE: join(folder, "no-token") });
		expect(check("git")).toMatchObject({ status: "failed", detail: expect.stringContaining("DEPLOYMILL_GIT_TOKEN_FILE") });
	});

	it("a setting is misspelt", async () => {
		const { code, check } = await examine({ DEPLOYMILL_REGISTRI: "10.0.0.1:5000" });
		expect(code).toBe(1);
		expect(check("settings")).toMatchObject({
			status: "failed",
			detail: expect.stringContaining("did you mean DEPLOYMILL_REGISTRY?"),
			cure: expect.stringContaining("Known settings"),
		});
		expect(check("docker").status).toBe("ok");
	});

	it("the receiver of events cannot be reached, which only a trial shows", async () => {
		const lost = { DEPLOYMILL_NOTIFY_URL: `http://127.0.0.1:${await closedPort()}/hooks/a-token-of-some-length` };
		expect((await examine(lost)).check("notify")).toMatchObject({ ok: true, detail: "what went wrong is sent, not signed" });
		const { code, check, stdout } = await examine(lost, {}, "--notify");
		expect(code).toBe(1);
		expect(check("notify")).toMatchObject({
			status: "failed",
			detail: "The receiver did not take an event: the connection was refused.",
			cure: expect.stringContaining("DEPLOYMILL_NOTIFY_URL"),
		});
		expect(stdout).not.toContain("a-token-of-some-length");
	});

	it("there is no receiver to send an event to", async () => {
		const { code, check } = await examine({}, {}, "--notify");
		expect(code).toBe(1);
		expect(check("notify")).toMatchObject({ status: "failed", cure: expect.stringContaining("Set DEPLOYMILL_NOTIFY_URL") });
	});

	it("the file with the receiver's address is missing, or holds none", async () => {
		const { check } = await examine({ DEPLOYMILL_NOTIFY_URL_FILE: join(folder, "no-url") });
		expect(check("notify")).toMatchObject({ status: "failed", detail: expect.stringContaining("DEPLOYMILL_NOTIFY_URL_FILE") });
	});

	it("a cure stands under its failure in the report for people", async () => {
		const { code, stdout } = await runDeploymill(["doctor"], env({ DEPLOYMILL_NETWORK: "not-there" }));
		expect(code).toBe(1);
		expect(stdout).toMatch(/^network +FAILED .*not-there.*\n +-> Run `deploymill init`/m);
		expect(stdout).toMatch(/1 of 13 checks failed, 1 could not be made\./);
	});
});

async function inRegistry(tag: string): Promise<boolean> {
	const [, repository, version] = /^[^/]+\/(.+):([^:]+)$/.exec(tag) ?? [];
	const { registry, registryUsername, registryPassword } = sandbox;
	const authorization = `Basic ${Buffer.from(`${registryUsername}:${registryPassword}`).toString("base64")}`;
	const accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
	const response = await fetch(`http://${registry}/v2/${repository}/manifests/${version}`, { headers: { authorization, accept } });
	return response.ok;
}
