import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerSwarm } from "../../../src/adapters/docker/swarm.ts";
import { ServiceChanged } from "../../../src/engine/ports/swarm.ts";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const image = "node:24-slim";
const forever = ["sleep", "600"];

describe("DockerSwarm", () => {
	let bench: Workbench;
	let swarm: DockerSwarm;
	beforeAll(async () => {
		bench = await openWorkbench();
		swarm = bench.swarm;
	});
	afterAll(() => bench.close());

	const named = (name: string) => `${bench.prefix}-${name}`;
	const firstTask = (name: string, state: string) =>
		until(
			() => swarm.listTasks(name),
			(tasks) => tasks[0]?.state === state,
		).then((tasks) => tasks[0]!);

	it("knows its node, the network and the API version", async () => {
		const facts = await swarm.facts();
		const ready = await swarm.listReadyNodes();
		expect(ready).toContain(facts.localNodeId);
		expect(facts.networkId).toMatch(/^[a-z0-9]{25}$/);
		expect(Number(facts.apiVersion.split(".")[1])).toBeGreaterThanOrEqual(41);
	});

	it("says which network is missing and how to make it", async () => {
		const lost = new DockerSwarm(bench.client, named("nowhere"), pino({ level: "silent" }));
		await expect(lost.facts()).rejects.toMatchObject({
			code: "swarm_not_ready",
			message: expect.stringContaining(named("nowhere")),
			hint: expect.stringContaining("docker network create --driver overlay --attachable"),
		});
	});

	it("says that a network is no overlay", async () => {
		const local = new DockerSwarm(bench.client, "bridge", pino({ level: "silent" }));
		await expect(local.facts()).rejects.toMatchObject({ code: "swarm_not_ready", message: expect.stringContaining("not an overlay") });
	});

	it("creates, finds by exact name, updates, lists and removes a service", async () => {
		const name = named("life");
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		expect(await swarm.inspectService(name.slice(0, -1))).toBeUndefined();
		const created = await swarm.inspectService(name);
		const spec = structuredClone(created!.spec);
		spec.Labels = { ...spec.Labels, changed: "yes" };
		await swarm.updateService(name, created!.version, spec, undefined);
		const updated = await swarm.inspectService(name);
		expect(updated?.spec.Labels).toMatchObject({ changed: "yes" });
		expect(updated!.version).toBeGreaterThan(created!.version);
		const listed = await swarm.listServices("deploymill.application");
		expect(listed.map((service) => service.spec.Name)).toContain(name);
		await swarm.removeService(name);
		await swarm.removeService(name);
		expect(await swarm.inspectService(name)).toBeUndefined();
		expect(await swarm.listTasks(name)).toEqual([]);
	});

	it("keeps fields of the spec that deploymill does not name", async () => {
		const name = named("foreign");
		await swarm.createService(serviceSpec(name, image, forever, { Hostname: "kept", Hosts: ["10.1.2.3 kept"] }), undefined);
		const service = await swarm.inspectService(name);
		await swarm.updateService(name, service!.version, { ...service!.spec, Labels: { one: "1" } }, undefined);
		const after = await swarm.inspectService(name);
		expect(after?.spec.TaskTemplate.ContainerSpec).toMatchObject({ Hostname: "kept", Hosts: ["10.1.2.3 kept"] });
	});

	it("refuses an update of a version that is no longer the newest", async () => {
		const name = named("raced");
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		const { version, spec } = (await swarm.inspectService(name))!;
		await swarm.updateService(name, version, { ...spec, Labels: { by: "first" } }, undefined);
		await expect(swarm.updateService(name, version, { ...spec, Labels: { by: "second" } }, undefined)).rejects.toThrow(ServiceChanged);
		expect((await swarm.inspectService(name))?.spec.Labels).toEqual({ by: "first" });
	});

	it("refuses a second service of the same name", async () => {
		const name = named("twice");
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		await expect(swarm.createService(serviceSpec(name, image, forever), undefined)).rejects.toThrow(ServiceChanged);
	});

	it("shows tasks with their node, release and state", async () => {
		const name = named("tasks");
		const labels = { "deploymill.deployment": "dep_1", "deploymill.digest": "sha256:1" };
		await swarm.createService(serviceSpec(name, image, forever, { Labels: labels }), undefined);
		const task = await firstTask(name, "running");
		const { localNodeId } = await swarm.facts();
		expect(task).toMatchObject({
			slot: 1,
			nodeId: localNodeId,
			nodeReady: true,
			desiredState: "running",
			image,
			release: { deploymentId: "dep_1", digest: "sha256:1" },
			containerId: expect.stringMatching(/^[0-9a-f]{64}$/),
		});
		expect(task.node).not.toBe(localNodeId);
		expect(task).not.toHaveProperty("exitCode");
	});

	it("brings the exit code and the output of a task that failed", async () => {
		const name = named("exits");
		await swarm.createService(serviceSpec(name, image, ["sh", "-c", "echo to out; echo to err >&2; exit 3"]), undefined);
		const task = await firstTask(name, "failed");
		expect(task).toMatchObject({ exitCode: 3, error: expect.stringContaining("non-zero exit (3)") });
		const words = await swarm.lastWords(task);
		expect(words).toMatchObject({ taskId: task.id, state: "failed", exitCode: 3 });
		expect(words.output).toContain("to out");
		expect(words.output).toContain("to err");
		expect(words.output).toMatch(/^<untrusted-/);
		expect(words).not.toHaveProperty("healthLog");
	});

	it("brings the log of a health check that failed", async () => {
		const name = named("sick");
		const Healthcheck = { Test: ["CMD-SHELL", "echo the database is away; exit 1"], Interval: 2e8, Timeout: 2e9, Retries: 2 };
		await swarm.createService(serviceSpec(name, image, forever, { Healthcheck }), undefined);
		const words = await swarm.lastWords(await firstTask(name, "failed"));
		expect(words.healthLog).toContain("exit code 1: the database is away");
	});

	it("says so when there are no last words to be had", async () => {
		const ghost = { id: "t".repeat(25), slot: 1, node: "gone", nodeReady: false, desiredState: "shutdown", state: "failed" } as const;
		const dead = { ...ghost, image, containerId: "0".repeat(64), createdAt: "", since: "" };
		expect((await swarm.lastWords(dead)).output).toContain("could not be read");
	});

	it("wakes those who wait as soon as something happens, and only for their service", async () => {
		const name = named("waits");
		await swarm.waitForChange(name, 1);
		const started = Date.now();
		const woken = swarm.waitForChange(name, 20_000).then(() => Date.now() - started);
		const other = swarm.waitForChange(named("other"), 3000).then(() => Date.now() - started);
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		expect(await woken).toBeLessThan(2500);
		expect(await other).toBeGreaterThanOrEqual(2990);
	});

	it("stops waiting when the signal aborts, and when it is closed", async () => {
		const own = new DockerSwarm(bench.client, "deploymill", pino({ level: "silent" }));
		const started = Date.now();
		await own.waitForChange(named("aborted"), 20_000, AbortSignal.timeout(50));
		const closed = own.waitForChange(named("closed"), 20_000);
		own.close();
		await closed;
		expect(Date.now() - started).toBeLessThan(5000);
	});

	it("reads the log of all tasks in the order of time", async () => {
		const name = named("chats");
		const talk = "for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.02; done; sleep 600";
		await swarm.createService(serviceSpec(name, image, ["sh", "-c", talk]), undefined);
		const lines = await until(
			() => swarm.readServiceLogs(name, { tail: 4 }),
			(seen) => seen.some((line) => line.text === "err 3"),
		);
		const [task] = await swarm.listTasks(name);
		expect(lines.map((line) => `${line.stream} ${line.text}`).sort()).toEqual([
			"stderr err 2",
			"stderr err 3",
			"stdout out 2",
			"stdout out 3",
		]);
		expect(lines[0]).toMatchObject({ taskId: task?.id, node: task?.node });
		expect(await swarm.readServiceLogs(named("missing"), { tail: 4 })).toEqual([]);
	});

	it("knows a volume's labels, and that there is none", async () => {
		const name = named("volume");
		await bench.client.docker.createVolume({ Name: name, Labels: { mine: "yes" } });
		expect(await swarm.inspectVolume(name)).toEqual({ labels: { mine: "yes" } });
		await bench.client.docker.getVolume(name).remove();
		expect(await swarm.inspectVolume(name)).toBeUndefined();
	});
});
