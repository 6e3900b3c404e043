// Contract section 13: a data folder that does not know an application takes over what the Swarm shows of it.
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atTheEdges, judged } from "../support/app-story.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import type { ServiceNow } from "../support/swarm.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

const random = () => randomBytes(12).toString("hex");

interface Plan {
	steps: { action: string; target: string }[];
	adopted?: Content;
	warnings: string[];
	domains: { blocked: { host: string }[] };
}

function planOf(content: Content): Plan {
	return content.plan as Plan;
}

const inShort = ({ steps }: Plan) => steps.map(({ action, target }) => `${action} ${target}`);

/** Files of a data folder that hold this text, in any of the forms in which it could stand there. */
async function filesWith(folder: string, text: string): Promise<string[]> {
	const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
	const forms = [text, Buffer.from(text).toString("base64"), Buffer.from(text).toString("hex")];
	const found = await Promise.all(
		names.map(async ({ parentPath, name }) => {
			const bytes = await readFile(join(parentPath, name));
			return forms.some((form) => bytes.includes(form)) ? name : undefined;
		}),
	);
	return found.filter((name) => name !== undefined);
}

describe("A data folder was lost", () => {
	let bed: TestBed;
	let repo: ProjectRepo;
	let applicationId: string;
	/** On a new data folder. */
	let server: Deploymill;
	/** Everything that the new server answered. */
	const answered: string[] = [];
	const secret = random();
	const extra = () => `${bed.named("extra")}.test`;
	const volumeName = () => bed.named("lost-data");
	let one: { deploymentId: string; digest: string | undefined; containers: string[] };

	beforeAll(async () => {
		bed = await TestBed.open();
		const mounts = [{ volumeName: volumeName(), mountPath: "/data" }];
		const domains = { prod: `${bed.named("lost")}.test`, custom: [extra()] };
		repo = await bed.project("lost", { project: { rollback: "auto", health: judged, mounts, domains }, behaviour: { version: "one" } });
		const lost = await bed.server();
		applicationId = await lost.reconcile(repo.repoUrl);
		await lost.ok("set_env_vars", { applicationId, set: { TOKEN: secret, SHAPE: "{{ round }}" } });
		const deployed = await lost.deployment("deploy", { applicationId });
		expect(deployed).toMatchObject({ outcome: "live" });
		await byHand(bed, applicationId, ({ spec }) => {
			spec.Mode = { Replicated: { Replicas: 2 } };
		});
		// A container runs before its task does: that waits for the container's own check.
		await until(
			() => bed.swarm.tasks(applicationId),
			(tasks) => tasks.filter(({ Status }) => Status.State === "running").length === 2,
			60_000,
		);
		one = {
			deploymentId: deployed.deploymentId,
			digest: deployed.image?.digest,
			containers: await bed.swarm.containerIds(applicationId),
		};
		await lost.close();
		// The file names neither the second host nor the volume any more: what is there is not to be lost for that.
		await repo.commit("Less", { project: { domains: { prod: repo.host }, mounts: [] } });
		server = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("new-data"), DEPLOYMILL_LOG_LEVEL: "trace" });
	});
	afterAll(() => bed.close());

	async function call(tool: string, args: Content = {}): Promise<Content> {
		const { content } = await server.call(tool, args);
		answered.push(JSON.stringify(content));
		return content;
	}

	it("a dry run shows all that is there, names no value, and writes nothing", async () => {
		const dry = await call("reconcile_project", { repoUrl: repo.repoUrl, dryRun: true });
		expect(planOf(dry).adopted).toEqual({
			deploymentId: one.deploymentId,
			digest: one.digest,
			commit: repo.shas[0],
			rollbackPoint: true,
			env: ["SHAPE", "TOKEN"],
			hosts: [repo.host, extra()],
			mounts: [{ volumeName: volumeName(), mountPath: "/data" }],
			replicas: 2,
		});
		expect(inShort(planOf(dry))).toContain("adopt service");
		expect(planOf(dry).warnings).toEqual([
			expect.stringContaining(`${extra()} is no longer in the project file`),
			expect.stringContaining(`volume ${volumeName()} is no longer in the project file`),
		]);
		expect(await call("list_applications")).toEqual({ applications: [] });
	});

	it("reconcile takes it over, and touches nothing that runs", async () => {
		const version = (await bed.swarm.service(applicationId))?.version;
		const dry = await call("reconcile_project", { repoUrl: repo.repoUrl, dryRun: true });
		const applied = await call("reconcile_project", { repoUrl: repo.repoUrl });
		expect(applied).toMatchObject({ applicationId, applied: true });
		expect(planOf(applied)).toEqual(planOf(dry));
		expect((await bed.swarm.service(applicationId))?.version).toBe(version);
		expect(await bed.swarm.containerIds(applicationId)).toEqual(one.containers);
		const again = await call("reconcile_project", { applicationId });
		expect(planOf(again)).toMatchObject({ steps: [] });
		expect(planOf(again)).not.toHaveProperty("adopted");
	});

	it("every tool knows it: what is live, its history, its env vars, its health", async () => {
		const { applications } = (await call("list_applications")) as { applications: Content[] };
		expect(applications).toMatchObject([
			{
				applicationId,
				domains: [repo.host, extra()],
				rollback: { enabled: true, auto: true },
				current: { deploymentId: one.deploymentId, digest: one.digest, verdict: null, commit: { sha: repo.shas[0] } },
			},
		]);
		expect(applications[0]).not.toHaveProperty("mismatch");
		const { deployments } = (await call("list_deployments", { applicationId })) as { deployments: Content[] };
		expect(deployments).toMatchObject([
			{
				...{ deploymentId: one.deploymentId, kind: "adopted", status: "done", outcome: "live", verdict: null },
				...{ rollbackable: true, current: true, commit: { sha: repo.shas[0], message: "First version" } },
			},
		]);
		expect(await call("get_deployment", { deploymentId: one.deploymentId })).toMatchObject({
			...{ kind: "adopted", rolledOver: true, current: true, image: { digest: one.digest } },
			rolloverNote: expect.stringContaining("took the application over"),
		});
		expect(await call("list_env_vars", { applicationId })).toMatchObject({ names: ["SHAPE", "TOKEN"] });
		expect(await call("get_app_health", { applicationId })).toMatchObject({
			...{ verdict: "healthy", matches: true, expected: { deploymentId: one.deploymentId } },
			tasks: { desired: 2, running: 2 },
		});
		expect(await call("get_logs", { applicationId, deploymentId: one.deploymentId })).toMatchObject({ lines: 0 });
	});

	it("a bad deploy is reverted to it, with all of its settings", async () => {
		await repo.commit("Bad", { behaviour: { version: "bad", ...atTheEdges(500) } });
		const bad = await call("deploy", { applicationId, wait: 300 });
		expect(bad).toMatchObject({ outcome: "rolled_back", autoRollback: { recovered: true, toLastHealthy: false } });
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([one.digest]);
		await expectSettings();
	});

	it("a deploy keeps all that was there; a rollback goes to what was taken over, and another forward again", async () => {
		await repo.commit("Second version", { behaviour: { version: "two" } });
		const two = await call("deploy", { applicationId, wait: 300 });
		expect(two).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(two).not.toHaveProperty("warnings");
		await expectSettings();
		const { deployments } = (await call("list_deployments", { applicationId })) as { deployments: { kind: string; rollbackId: string }[] };
		const adopted = deployments.find(({ kind }) => kind === "adopted");
		const preview = await call("rollback", { applicationId, rollbackId: adopted?.rollbackId, dryRun: true });
		expect(preview).toMatchObject({ pullable: true, to: { deploymentId: one.deploymentId }, migrations: { known: true, files: [] } });
		const back = await call("rollback", { applicationId, rollbackId: adopted?.rollbackId, wait: 300 });
		expect(back).toMatchObject({ outcome: "live", health: { verdict: "healthy" }, target: { deploymentId: one.deploymentId } });
		expect(await bed.see(repo)).toBe("one");
		await expectSettings();
		const forward = await call("rollback", { applicationId, rollbackId: two.rollbackId, wait: 300 });
		expect(forward).toMatchObject({ outcome: "live" });
		expect(await bed.see(repo)).toBe("two");
		await expectSettings();
	});

	it("no value was shown or written in clear, and what the app tells is masked", async () => {
		await repo.commit("Loud", { behaviour: { version: "loud", exit: { code: 0, words: `my token is ${secret}`, afterMs: 3_600_000 } } });
		expect(await call("deploy", { applicationId, wait: 300 })).toMatchObject({ outcome: "live" });
		const logs = await until(
			() => call("get_logs", { applicationId, source: "runtime" }),
			({ text }) => String(text).includes("my token is"),
			60_000,
		);
		expect(logs.text).toContain("my token is ***");
		expect(answered.filter((text) => text.includes(secret))).toEqual([]);
		expect(server.stderr).not.toContain(secret);
		expect(await filesWith(bed.path("new-data"), secret)).toEqual([]);
	});

	it("what was taken over can be unset, and pruned", async () => {
		await call("set_env_vars", { applicationId, unset: ["SHAPE"] });
		const pruned = await call("reconcile_project", { applicationId, prune: true });
		expect(inShort(planOf(pruned))).toEqual(["remove domains", "remove mounts"]);
		const last = await call("deploy", { applicationId, wait: 300 });
		expect(last).toMatchObject({ outcome: "live" });
		expect(last).not.toHaveProperty("warnings");
		const [container] = await bed.swarm.containers(applicationId);
		expect(container?.env).not.toHaveProperty("SHAPE");
		expect(container?.env.TOKEN).toBe(secret);
		expect(container?.mounts).toEqual({});
		expect((await bed.swarm.service(applicationId))?.labels["deploymill.hosts"]).toBe(repo.host);
	});

	async function expectSettings(): Promise<void> {
		const containers = await bed.swarm.containers(applicationId);
		expect(containers).toHaveLength(2);
		for (const { env, mounts } of containers) {
			expect(env).toMatchObject({ TOKEN: secret, SHAPE: "{{ round }}" });
			expect(mounts).toEqual({ [volumeName()]: "/data" });
		}
		expect((await bed.swarm.service(applicationId))?.labels["deploymill.hosts"]).toBe(`${repo.host} ${extra()}`);
	}
});

describe("Two operators, each with a data folder", () => {
	let bed: TestBed;
	let repo: ProjectRepo;
	let applicationId: string;
	let hers: Deploymill;
	let his: Deploymill;

	beforeAll(async () => {
		bed = await TestBed.open();
		repo = await bed.project("both", { project: { rollback: true, health: judged } });
		hers = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("hers") });
		his = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("his") });
		applicationId = await hers.reconcile(repo.repoUrl);
		await hers.ok("set_env_vars", { applicationId, set: { HERS: "1", SHARED: "of hers", GONE: "soon" } });
		expect(await hers.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		// He spells the address in another way: it is the same repository, and its service and volumes are known as before.
		expect(await his.reconcile(`file://${repo.repoUrl}`)).toBe(applicationId);
	});
	afterAll(() => bed.close());

	const envNow = async () => (await bed.swarm.containers(applicationId))[0]?.env ?? {};

	async function release(server: Deploymill, version: string) {
		await repo.commit(`Version ${version}`, { behaviour: { version } });
		return server.deployment("deploy", { applicationId });
	}

	it("what the second set stays when the first deploys, and is told", async () => {
		await his.ok("set_env_vars", { applicationId, set: { HIS: "2", SHARED: "of his" } });
		expect(await release(his, "his")).toMatchObject({ outcome: "live" });
		expect(await envNow()).toMatchObject({ HERS: "1", HIS: "2", SHARED: "of his" });
		await byHand(bed, applicationId, ({ spec }) => {
			spec.TaskTemplate.ContainerSpec?.Env?.push("BY_HAND=3", "NODE={{.Node.ID}}");
		});
		await runsAlone(bed, applicationId, ({ env }) => env.BY_HAND === "3");
		const mine = await release(hers, "hers");
		expect(mine).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(mine.warnings).toEqual([
			expect.stringContaining("which this server does not know and did not put there"),
			expect.stringContaining("others set on the service, past this data folder: env BY_HAND, HIS, SHARED. That is kept"),
		]);
		expect(await envNow()).toMatchObject({
			HERS: "1",
			HIS: "2",
			SHARED: "of his",
			BY_HAND: "3",
			NODE: expect.stringMatching(/^[a-z0-9]{25}$/),
		});
		expect(await hers.ok("list_env_vars", { applicationId })).toMatchObject({ names: ["BY_HAND", "GONE", "HERS", "HIS", "SHARED"] });
	});

	it("of a variable that both set since, the one who deploys is told; one that was unset is gone", async () => {
		await hers.ok("set_env_vars", { applicationId, set: { SHARED: "of hers again" }, unset: ["GONE"] });
		await byHand(bed, applicationId, ({ spec }) => {
			const container = spec.TaskTemplate.ContainerSpec;
			if (container) container.Env = container.Env?.map((entry) => (entry.startsWith("SHARED=") ? "SHARED=by hand" : entry)) ?? [];
		});
		await runsAlone(bed, applicationId, ({ env }) => env.SHARED === "by hand");
		const mine = await release(hers, "hers again");
		expect(mine.warnings).toEqual([expect.stringMatching(/^env SHARED: others set another value on the service since; /)]);
		expect(await envNow()).toMatchObject({ SHARED: "of hers again", HERS: "1", HIS: "2", BY_HAND: "3" });
		expect(await envNow()).not.toHaveProperty("GONE");
	});

	it("a host that the second reconciled stays when the first reconciles and deploys, and goes with prune", async () => {
		const extra = `${bed.named("second-host")}.test`;
		await repo.commit("One more host", { project: { domains: { prod: repo.host, custom: [extra] } } });
		expect(await his.reconcile(repo.repoUrl)).toBe(applicationId);
		const before = repo.shas.at(-2);
		expect(await hers.deployment("deploy", { applicationId, ref: before, force: true })).toMatchObject({ outcome: "live" });
		expect((await bed.swarm.service(applicationId))?.labels["deploymill.hosts"]).toBe(`${repo.host} ${extra}`);
		const kept = planOf(await hers.ok("reconcile_project", { applicationId, ref: before }));
		expect(kept.warnings).toContainEqual(expect.stringContaining(`${extra} is no longer in the project file`));
		expect(inShort(planOf(await hers.ok("reconcile_project", { applicationId, ref: before, prune: true })))).toEqual(["remove domains"]);
		expect((await bed.swarm.service(applicationId))?.labels["deploymill.hosts"]).toBe(repo.host);
	});

	it("replicas that somebody scaled stay when the other deploys", async () => {
		await repo.commit("One host", { project: { domains: { prod: repo.host } } });
		await byHand(bed, applicationId, ({ spec }) => {
			spec.Mode = { Replicated: { Replicas: 2 } };
		});
		const scaled = await release(hers, "scaled");
		expect(scaled).toMatchObject({ outcome: "live", warnings: [expect.stringContaining("2 replicas. That is kept")] });
		expect(await bed.swarm.containerIds(applicationId)).toHaveLength(2);
		expect(planOf(await hers.ok("reconcile_project", { applicationId }))).toMatchObject({ steps: [] });
		await repo.commit("One again", { project: { replicas: 1 } });
		expect(inShort(planOf(await hers.ok("reconcile_project", { applicationId })))).toEqual(["set replicas"]);
		expect(await release(hers, "one again")).toMatchObject({ outcome: "live" });
		await until(
			() => bed.swarm.containerIds(applicationId),
			(ids) => ids.length === 1,
			60_000,
		);
	});

	it("of two that deploy at one moment, the second to be ready replaces nothing unseen", async () => {
		await using gate = await openGate(bed);
		const step = `RUN node -e 'fetch("${gate.url}").then(({ ok }) => process.exit(ok ? 0 : 1))' # ${random()}`;
		const plain = await readFile(join(repo.repoUrl, "Dockerfile"), "utf8");
		await repo.commit("Slow", { files: { Dockerfile: `${plain}\n${step}\n` } });
		const slow = await hers.deployment("deploy", { applicationId, wait: 0 });
		const build = await gate.arrival;
		await repo.commit("Fast", { files: { Dockerfile: plain }, behaviour: { version: "fast" } });
		const fast = await his.deployment("deploy", { applicationId });
		expect(fast).toMatchObject({ outcome: "live" });
		build.end("go on");
		const refused = await hers.deployment("get_deployment", { deploymentId: slow.deploymentId });
		expect(refused).toMatchObject({
			...{ status: "error", outcome: "failed", rolledOver: false },
			error: { code: "stale_view", details: { live: fast.deploymentId } },
		});
		expect(await bed.see(repo)).toBe("fast");
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([fast.image?.digest]);
	});
});

describe("What cannot be taken over is said", () => {
	let bed: TestBed;
	let theirs: Deploymill;
	let ours: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		theirs = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("theirs") });
		ours = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("ours") });
	});
	afterAll(() => bed.close());

	const adoptedBy = async (repo: ProjectRepo) => planOf(await ours.ok("reconcile_project", { repoUrl: repo.repoUrl }));

	it("an image that was never pushed, of a worker: it is adopted, and nothing goes back to it", async () => {
		const repo = await bed.project("local-worker", { fixture: "worker", project: { rollback: false } });
		const applicationId = await theirs.reconcile(repo.repoUrl);
		const live = await theirs.deployment("deploy", { applicationId });
		const plan = await adoptedBy(repo);
		expect(plan).toMatchObject({ adopted: { deploymentId: live.deploymentId, rollbackPoint: false, hosts: [] } });
		expect(plan.warnings).toContainEqual(expect.stringMatching(/^the image that runs was never pushed/));
		expect(await ours.history(applicationId)).toMatchObject([
			{
				kind: "adopted",
				current: true,
				rollbackId: null,
				rollbackable: false,
				notRollbackableBecause: expect.stringContaining("no registry"),
			},
		]);
		expect(await ours.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
	});

	it("an image that the registry lost", async () => {
		const repo = await bed.project("lost-image", { project: { rollback: true, health: judged } });
		const applicationId = await theirs.reconcile(repo.repoUrl);
		const live = await theirs.deployment("deploy", { applicationId });
		expect(await bed.swarm.deleteFromRegistry(live.image?.reference ?? "")).toBe(true);
		const plan = await adoptedBy(repo);
		expect(plan).toMatchObject({ adopted: { deploymentId: live.deploymentId, rollbackPoint: false } });
		expect(plan.warnings).toContainEqual(expect.stringMatching(/^the registry does not have the image that runs/));
	});

	it("a registry that cannot be asked: the point is there, and asks again", async () => {
		const repo = await bed.project("no-registry", { project: { rollback: true, health: judged } });
		const applicationId = await theirs.reconcile(repo.repoUrl);
		const live = await theirs.deployment("deploy", { applicationId });
		await using cutOff = await bed.server({
			DEPLOYMILL_DATA_DIR: bed.path("cut-off"),
			DEPLOYMILL_REGISTRY_USERNAME: "nobody",
			DEPLOYMILL_REGISTRY_PASSWORD: "wrong-password",
		});
		const plan = planOf(await cutOff.ok("reconcile_project", { repoUrl: repo.repoUrl }));
		expect(plan).toMatchObject({ adopted: { deploymentId: live.deploymentId, rollbackPoint: true } });
		expect(plan.warnings).toContainEqual(expect.stringMatching(/is not known; a rollback to it asks again \(registry_auth_failed: /));
		const [adopted] = await cutOff.history(applicationId);
		expect(adopted).toMatchObject({ kind: "adopted", rollbackable: true });
		const { rollbackId } = adopted ?? {};
		expect(await cutOff.refusal("rollback", { applicationId, rollbackId })).toMatchObject({ code: "registry_auth_failed" });
	});

	it("an image that a hand put there: it is taken over under an id of its own", async () => {
		const repo = await bed.project("by-hand", { project: { rollback: true, health: judged } });
		const applicationId = await theirs.reconcile(repo.repoUrl);
		const first = await theirs.deployment("deploy", { applicationId });
		await repo.commit("Second version", { behaviour: { version: "two" } });
		const second = await theirs.deployment("deploy", { applicationId });
		await byHand(bed, applicationId, ({ spec }) => {
			if (spec.TaskTemplate.ContainerSpec) spec.TaskTemplate.ContainerSpec.Image = first.image?.reference.replace("@", ":hotfix@") ?? "";
		});
		await until(
			() => bed.see(repo),
			(page) => page === "one",
			60_000,
		);
		const plan = await until(
			() => adoptedBy(repo),
			({ adopted }) => adopted?.digest !== undefined,
			60_000,
		);
		expect(plan).toMatchObject({ adopted: { digest: first.image?.digest, rollbackPoint: true } });
		expect(plan.adopted).not.toHaveProperty("deploymentId");
		expect(plan.warnings).toContainEqual(expect.stringContaining(`the label of "${second.deploymentId}", which is not this image's`));
		const [adopted] = await ours.history(applicationId);
		expect(adopted).toMatchObject({ kind: "adopted", rollbackable: true, current: false });
		expect([first.deploymentId, second.deploymentId]).not.toContain(adopted?.deploymentId);
		const third = await ours.deployment("deploy", { applicationId });
		expect(third).toMatchObject({ outcome: "live" });
		const back = await ours.deployment("rollback", { applicationId, rollbackId: adopted?.rollbackId });
		expect(back).toMatchObject({ outcome: "live", image: { digest: first.image?.digest } });
	});

	it("what does not run: env and hosts are taken over, and the release as soon as it does", async () => {
		const repo = await bed.project("parked", { project: { rollback: true, health: judged } });
		const applicationId = await theirs.reconcile(repo.repoUrl);
		await theirs.ok("set_env_vars", { applicationId, set: { KEPT: "yes" } });
		const live = await theirs.deployment("deploy", { applicationId });
		await byHand(bed, applicationId, ({ spec }) => {
			spec.Mode = { Replicated: { Replicas: 0 } };
		});
		const parked = await adoptedBy(repo);
		expect(parked).toMatchObject({ adopted: { env: ["KEPT"], hosts: [repo.host], rollbackPoint: false, replicas: 0 } });
		expect(parked.adopted).not.toHaveProperty("digest");
		expect(parked.warnings).toContainEqual(expect.stringContaining("was not taken over as a deployment"));
		expect(await ours.history(applicationId)).toEqual([]);
		await byHand(bed, applicationId, ({ spec }) => {
			spec.Mode = { Replicated: { Replicas: 1 } };
		});
		const later = await until(
			() => adoptedBy(repo),
			({ adopted }) => adopted !== undefined,
			60_000,
		);
		expect(later).toMatchObject({
			steps: [{ action: "adopt" }],
			adopted: { deploymentId: live.deploymentId, rollbackPoint: true, env: [] },
		});
		expect(await ours.history(applicationId)).toMatchObject([{ deploymentId: live.deploymentId, current: true }]);
	});

	it("a service whose name another application has here: its hosts are blocked, and why is said", async () => {
		const repo = await bed.project("same-name");
		const applicationId = await theirs.reconcile(repo.repoUrl);
		expect(await theirs.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const namesake = await bed.project("namesake", { project: { name: repo.name } });
		await using other = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("other") });
		// Registered while that data folder's Swarm showed nothing of the name: as before the other one deployed.
		const service = await bed.swarm.service(applicationId);
		await bed.swarm.docker.getService(service?.id ?? "").remove();
		expect(await other.reconcile(namesake.repoUrl)).toBe(repo.name);
		expect(await theirs.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const content = await other.ok("reconcile_project", { repoUrl: repo.repoUrl });
		expect(content).toMatchObject({ applicationId: `${repo.name}-2` });
		const plan = planOf(content);
		expect(plan).not.toHaveProperty("adopted");
		expect(plan.domains.blocked).toMatchObject([{ host: repo.host }]);
		expect(plan.warnings).toContainEqual(expect.stringContaining(`${repo.name} is an application of another repository here`));
		expect(await other.refusal("deploy", { applicationId: repo.name })).toMatchObject({ code: "service_not_ours" });
	});
});

async function byHand(bed: TestBed, applicationId: string, change: (service: ServiceNow) => void): Promise<void> {
	const service = await bed.swarm.service(applicationId);
	if (!service) throw new Error(`${applicationId} has no service`);
	change(service);
	await bed.swarm.docker.getService(service.id).update({ ...service.spec, version: service.version, registryAuthFrom: "spec" });
}

/** Every container is one that fits, and Swarm's update is over. */
async function runsAlone(
	bed: TestBed,
	applicationId: string,
	fits: (container: Awaited<ReturnType<typeof bed.swarm.containers>>[number]) => boolean,
): Promise<void> {
	await until(
		async () => [await bed.swarm.containers(applicationId), await bed.swarm.service(applicationId)] as const,
		([containers, service]) => containers.length > 0 && containers.every(fits) && service?.updateState === "completed",
		60_000,
	);
}

/** Holds a build at a step that asks for its URL, until the answer is ended. On the bridge to the sandbox, where builds reach it. */
async function openGate(bed: TestBed): Promise<AsyncDisposable & { url: string; arrival: Promise<ServerResponse> }> {
	const { promise: arrival, resolve } = Promise.withResolvers<ServerResponse>();
	const gate = createServer((_request, response) => resolve(response));
	const host = bed.sandbox.registry.replace(/\.\d+:\d+$/, ".1");
	await new Promise<void>((listening) => gate.listen(0, host, listening));
	return {
		url: `http://${host}:${(gate.address() as AddressInfo).port}`,
		arrival,
		async [Symbol.asyncDispose]() {
			gate.close();
			gate.closeAllConnections();
		},
	};
}
