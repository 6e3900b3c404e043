import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../../src/errors.ts";
import { makeCertificate } from "../support/certificate.ts";
import { Deploymill } from "../support/deploymill.ts";
import { gitBackend, withBasicAuth } from "../support/git-server.ts";
import { TestBed } from "../support/test-bed.ts";
import { expectFenced } from "../support/untrusted-text.ts";

/** The end-to-end test that provokes each code. `host_taken` is no refusal: it stands in plan.domains.blocked. */
const provokedBy: Record<ErrorCode, string> = {
	invalid_input: "stdio",
	application_not_found: "stdio",
	deployment_not_found: "waiting-and-cancelling",
	rollback_not_found: "recording-on-and-off",
	rollback_not_usable: "no-way-back",
	deploy_in_progress: "several-servers",
	stale_view: "app-health",
	registry_not_configured: "recording-on-and-off",
	registry_auth_failed: "deploys-that-fail",
	registry_unreachable: "deploys-that-fail",
	image_missing: "deploys-that-fail",
	docker_unreachable: "error-codes",
	swarm_not_ready: "error-codes",
	service_not_ours: "services-of-others",
	repo_not_allowed: "error-codes",
	repo_unreachable: "error-codes",
	repo_auth_failed: "error-codes",
	ref_not_found: "deploys-that-fail",
	project_file_missing: "reconciling",
	project_file_invalid: "reconciling",
	dockerfile_missing: "deploys-that-fail",
	build_failed: "deploys-that-fail",
	push_failed: "error-codes",
	rollout_failed: "deploys-that-fail",
	rollout_timeout: "cannot-be-placed",
	migrations_in_gap: "error-codes",
	known_bad_release: "heals-by-itself",
	deployments_held: "held-and-taken-back",
	awaiting_confirmation: "confirming",
	not_confirmable: "confirming",
	nothing_to_return_to: "confirming",
	too_many_failures: "held-and-taken-back",
	not_cancellable: "waiting-and-cancelling",
	name_taken: "error-codes",
	host_taken: "reconciling",
	read_only: "stdio",
	approval_needed: "approval",
	busy: "many-at-once",
	internal: "error-codes",
};

it.each(errorCodes)("%s is provoked by a test", (code) => {
	const test = readFileSync(join(import.meta.dirname, `${provokedBy[code]}.test.ts`), "utf8");
	const mentions = test.split(new RegExp(`["'\`]${code}["'\`]`)).length - 1;
	expect([code, mentions > 0]).toEqual([code, true]);
});

describe("Codes that no other test provokes", () => {
	let bed: TestBed;
	let server: Deploymill;
	const servers: Server[] = [];
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(async () => {
		for (const item of servers) {
			item.close();
			item.closeAllConnections();
		}
		await bed.close();
	});

	/** @returns `host:port` */
	async function listen(item: Server, host: string): Promise<string> {
		servers.push(item);
		await new Promise<void>((resolve) => item.listen(0, host, resolve));
		return `${host}:${(item.address() as AddressInfo).port}`;
	}

	it("docker_unreachable: a server that was given HOME and PATH alone works, and says what it misses", async ({ skip }) => {
		const home = bed.path("home");
		const dataFolder = join(home, ".local/share/deploymill");
		const repo = await bed.project("homeless", { fixture: "worker", project: { rollback: false } });
		const applicationId = await (await bed.server({ DEPLOYMILL_DATA_DIR: dataFolder })).reconcile(repo.repoUrl);
		await using lonely = await Deploymill.start({ HOME: home, PATH: process.env.PATH ?? "", XDG_DATA_HOME: "" });
		expect((await lonely.client.listTools()).tools.length).toBeGreaterThan(5);
		expect(await lonely.ok("list_applications")).toMatchObject({ applications: [{ applicationId }] });
		expect(await lonely.ok("list_deployments", { applicationId })).toEqual({ applicationId, deployments: [] });
		const error = await lonely.refusal("get_app_health", { applicationId }).catch(() => undefined);
		if (error?.code !== "docker_unreachable") skip("a Docker Engine answers on this machine's own socket");
		expect(error).toMatchObject({
			retryable: true,
			message: expect.stringContaining("unix:///var/run/docker.sock"),
			hint: expect.stringMatching(/MCP client .*DOCKER_HOST must stand in the env/),
		});
		expect(await lonely.refusal("get_logs", { applicationId, source: "runtime" })).toMatchObject({ code: "docker_unreachable" });
	});

	it.for(["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "ssh://nobody@127.0.0.1:1"])(
		"docker_unreachable: names the endpoint that was tried, %s",
		async (DOCKER_HOST) => {
			await using lost = await bed.server({ DOCKER_HOST });
			const repo = await bed.project(`lost-${randomBytes(3).toString("hex")}`);
			const error = await lost.refusal("reconcile_project", { repoUrl: repo.repoUrl });
			expect(error).toMatchObject({ code: "docker_unreachable", retryable: true, message: expect.stringContaining(DOCKER_HOST) });
			expect(error.hint).toContain("DOCKER_HOST");
		},
	);

	it("swarm_not_ready: the network is not there", async () => {
		await using lost = await bed.server({ DEPLOYMILL_NETWORK: bed.named("no-network") });
		const repo = await bed.project("unconnected");
		expect(await lost.refusal("reconcile_project", { repoUrl: repo.repoUrl })).toMatchObject({
			code: "swarm_not_ready",
			message: expect.stringContaining(bed.named("no-network")),
			hint: expect.stringContaining("docker network create"),
		});
	});

	it.for(["http://127.0.0.1:1/repo", "ext::sh -c id", "https://user:password@127.0.0.1/repo", "--upload-pack=id", "repo"])(
		"repo_not_allowed: %s",
		async (repoUrl) => {
			const error = await server.refusal("reconcile_project", { repoUrl });
			expect(error).toMatchObject({ code: "repo_not_allowed", retryable: false });
			expect(JSON.stringify(error)).not.toContain("password@");
		},
	);

	it("repo_unreachable: there is no such repository, in git's own fenced words", async () => {
		const error = await server.refusal("reconcile_project", { repoUrl: bed.path("nowhere") });
		expect(error.code).toBe("repo_unreachable");
		expect(expectFenced(error.details?.output)).toContain("nowhere");
	});

	it("repo_auth_failed: without a token, and with a wrong one", async () => {
		const repo = await bed.project("private", { fixture: "worker", project: { rollback: false } });
		const certificate = await makeCertificate(["DNS:localhost"]);
		await writeFile(bed.path("ca.pem"), certificate.cert);
		const token = randomBytes(12).toString("hex");
		const origin = await listen(createHttpsServer(certificate, withBasicAuth(token, gitBackend(repo.repoUrl), [])), "localhost");
		const repoUrl = `https://${origin}/private`;
		const trusting = { GIT_SSL_CAINFO: bed.path("ca.pem"), DEPLOYMILL_GIT_TOKEN_HOST: origin };
		for (const DEPLOYMILL_GIT_TOKEN of ["", "another-token"]) {
			await using stranger = await bed.server({ ...trusting, DEPLOYMILL_GIT_TOKEN });
			const error = await stranger.refusal("reconcile_project", { repoUrl });
			expect(error).toMatchObject({ code: "repo_auth_failed", hint: expect.stringContaining("DEPLOYMILL_GIT_TOKEN") });
		}
		await using trusted = await bed.server({ ...trusting, DEPLOYMILL_GIT_TOKEN: token });
		expect(await trusted.reconcile(repoUrl)).toBe(repo.name);
	});

	it("push_failed: the registry takes no uploads", async () => {
		// On the bridge to the sandbox, where its engine speaks HTTP to registries.
		const host = bed.sandbox.registry.replace(/\.\d+:\d+$/, ".1");
		const readOnlyRegistry: RequestListener = ({ method, url }, response) => {
			if (url === "/v2/") return response.writeHead(200).end("{}");
			if (method === "POST") return response.writeHead(405, { "content-type": "application/json" }).end(words);
			return response.writeHead(404).end();
		};
		const registry = await listen(createHttpServer(readOnlyRegistry), host);
		await using other = await bed.server({ DEPLOYMILL_REGISTRY: `${registry}/apps`, DEPLOYMILL_DATA_DIR: bed.path("push") });
		const repo = await bed.project("unpushed", { fixture: "worker" });
		const applicationId = await other.reconcile(repo.repoUrl);
		const failed = await other.deployment("deploy", { applicationId });
		expect(failed).toMatchObject({ outcome: "failed", rollbackId: null, error: { code: "push_failed", retryable: true } });
		expect(failed.error?.message).toContain(registry);
		expect(expectFenced(failed.error?.details?.output)).toContain("mirror");
	});
	const words = JSON.stringify({ errors: [{ code: "UNSUPPORTED", message: "this is a mirror" }] });

	it("migrations_in_gap: names the files, and goes on when it is told to", async () => {
		const repo = await bed.project("schema", { fixture: "worker" });
		const applicationId = await server.reconcile(repo.repoUrl);
		const { rollbackId } = await server.deployment("deploy", { applicationId });
		await repo.commit("Add a table", { behaviour: { version: "two" }, files: { "migrations/2.sql": "create table t (x)" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const preview = await server.ok("rollback", { applicationId, rollbackId, dryRun: true });
		expect(preview).toMatchObject({
			migrations: { known: true, files: ["migrations/2.sql"] },
			wouldBeRefused: { code: "migrations_in_gap", message: expect.stringContaining("1 migration file"), hint: expect.any(String) },
			next: [],
		});
		expect(await server.refusal("rollback", { applicationId, rollbackId })).toMatchObject({
			code: "migrations_in_gap",
			hint: expect.stringContaining("allowMigrations"),
			details: { files: ["migrations/2.sql"], rollbackId },
		});
		expect(await server.deployment("rollback", { applicationId, rollbackId, allowMigrations: true })).toMatchObject({ outcome: "live" });
	});

	it("name_taken: the volume belongs to somebody else, and nothing is registered", async () => {
		const volumeName = bed.named("someone-elses");
		await bed.swarm.docker.createVolume({ Name: volumeName });
		const repo = await bed.project("greedy", { fixture: "worker", project: { mounts: [{ volumeName, mountPath: "/data" }] } });
		const error = await server.refusal("reconcile_project", { repoUrl: repo.repoUrl });
		expect(error).toMatchObject({ code: "name_taken", details: { volumeName } });
		expect(JSON.stringify(await server.ok("list_applications"))).not.toContain(repo.name);
	});

	it("internal: of a fault of deploymill nothing leaves but an id that is in the log; the other calls go on", async () => {
		const dataFolder = bed.path("broken");
		await using broken = await bed.server({ DEPLOYMILL_DATA_DIR: dataFolder });
		const repo = await bed.project("broken", { fixture: "worker", project: { rollback: false } });
		const applicationId = await broken.reconcile(repo.repoUrl);
		const database = new DatabaseSync(join(dataFolder, "deploymill.db"));
		database.exec("ALTER TABLE rollback_points RENAME TO hidden_points");
		const rollback = { applicationId, rollbackId: "rb-0000000000", dryRun: true };
		const answers = await Promise.all([
			broken.call("rollback", rollback),
			...Array.from({ length: 5 }, () => broken.call("list_applications")),
		]);
		const [failed, ...fine] = answers;
		const error = failed?.content.error as { code: string; message: string; details: { faultId: string } };
		expect(error).toEqual({
			code: "internal",
			message: `A fault of deploymill, recorded in its log as ${error.details.faultId}.`,
			hint: expect.any(String),
			retryable: false,
			guide: "deploymill://guides/troubleshooting",
			details: { faultId: expect.stringMatching(/^[0-9a-f]{8}$/) },
		});
		expect(broken.stderr).toContain(error.details.faultId);
		expect(broken.stderr).toContain("rollback_points");
		expect(fine.map(({ isError }) => isError)).toEqual([false, false, false, false, false]);
		database.exec("ALTER TABLE hidden_points RENAME TO rollback_points");
		database.close();
		expect(await broken.refusal("rollback", rollback)).toMatchObject({ code: "rollback_not_found" });
	});

	it("internal: env values cannot be read with another key, and that is said", async () => {
		const dataFolder = bed.path("rekeyed");
		const repo = await bed.project("rekeyed", { fixture: "worker", project: { rollback: false } });
		const before = await bed.server({ DEPLOYMILL_DATA_DIR: dataFolder });
		const applicationId = await before.reconcile(repo.repoUrl);
		await before.ok("set_env_vars", { applicationId, set: { TOKEN: "never-to-be-seen" } });
		await before.close();
		await mkdir(bed.path("old"));
		await rename(join(dataFolder, "key"), bed.path("old/key"));
		await using server = await bed.server({ DEPLOYMILL_DATA_DIR: dataFolder });
		const error = await server.refusal("get_logs", { applicationId });
		expect(error).toMatchObject({ code: "internal", message: expect.stringContaining("key") });
		expect(JSON.stringify(error)).not.toContain("never-to-be-seen");
		expect(await server.ok("list_env_vars", { applicationId })).toMatchObject({ names: ["TOKEN"] });
	});
});
