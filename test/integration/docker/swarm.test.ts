import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../../src/adapters/docker/client.ts";
import { DockerSwarm } from "../../../src/adapters/docker/swarm.ts";
import { isAlive } from "../../../src/engine/service/revision.ts";
import type { ObservedTask } from "../../../src/model/service.ts";
import { describeSwarm } from "../../contract/swarm-contract.ts";
import type { AppUnderTest, SwarmUnderTest } from "../../contract/swarm-under-test.ts";
import { describeSwarmUpdates } from "../../contract/swarm-updates-contract.ts";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const image = "node:24-slim";
const forever = ["sleep", "600"];
const silent = pino({ level: "silent" });

const shell = (script: string) => ["sh", "-c", script];
const check = (script: string) => ({ Healthcheck: { Test: ["CMD-SHELL", script], Interval: 3e8, Timeout: 9e9, Retries: 2 } });
const spec: Record<AppUnderTest, (name: string) => ReturnType<typeof serviceSpec>> = {
	steady: (name) => serviceSpec(name, image, forever),
	crashes: (name) => serviceSpec(name, image, shell("sleep 0.3; exit 3")),
	"crashes late": (name) => serviceSpec(name, image, shell("sleep 2; exit 3")),
	ends: (name) => serviceSpec(name, image, shell("sleep 0.3")),
	sick: (name) => serviceSpec(name, image, forever, check("exit 1")),
	slow: (name) => serviceSpec(name, image, forever, check("test -f /up || { sleep 2; touch /up; }")),
	missing: (name) => serviceSpec(name, `127.0.0.1:1/none@sha256:${"0".repeat(64)}`, forever),
	"one crashes": (name) =>
		serviceSpec(name, image, shell("test $SLOT = 1 && exit 3; exec sleep 600"), {
			Env: ["SLOT={{.Task.Slot}}"],
			...check("test -f /up || { sleep 4; touch /up; }"),
		}),
};

async function openSwarm(): Promise<SwarmUnderTest> {
	const bench = await openWorkbench();
	const { swarm, client, prefix } = bench;
	return {
		swarm,
		prefix,
		spec: (name, app = "steady") => spec[app](name),
		async rollBack(serviceName) {
			const service = (await swarm.inspectService(serviceName))!;
			const _query = { version: service.version, rollback: "previous" };
			await client.request({ path: `/services/${serviceName}/update?`, method: "POST", options: { _query, _body: service.spec } });
		},
		during: (body) => body(),
		until,
		close: () => bench.close(),
	};
}

describeSwarm("DockerSwarm", openSwarm);
describeSwarmUpdates("DockerSwarm", openSwarm);

describe("DockerSwarm", () => {
	let bench: Workbench;
	let swarm: DockerSwarm;
	beforeAll(async () => {
		bench = await openWorkbench();
		swarm = bench.swarm;
	});
	afterAll(() => bench.close());

	const named = (name: string) => `${bench.prefix}-${name}`;
	const firstTask = async (name: string, state: string) => {
		const isThere = (tasks: { state: string }[]) => tasks[0]?.state === state;
		return (await until(() => swarm.listTasks(name), isThere))[0]!;
	};

	it("says which network is missing and how to make it", async () => {
		const lost = new DockerSwarm(bench.client, named("nowhere"), silent);
		await expect(lost.facts()).rejects.toMatchObject({
			code: "swarm_not_ready",
			message: expect.stringContaining(named("nowhere")),
			hint: expect.stringContaining("docker network create --driver overlay --attachable"),
		});
	});

	it("says that a network is no overlay, or not attachable", async () => {
		const local = new DockerSwarm(bench.client, "bridge", silent);
		await expect(local.facts()).rejects.toMatchObject({ code: "swarm_not_ready", message: expect.stringContaining("is a bridge network") });
		const network = await bench.docker.createNetwork({ Name: named("closed"), Driver: "overlay" });
		const closed = new DockerSwarm(bench.client, named("closed"), silent);
		await expect(closed.facts()).rejects.toMatchObject({ code: "swarm_not_ready", message: expect.stringContaining("not attachable") });
		await network.remove();
	});

	it("shows where a task runs, and no exit code of one that does", async () => {
		const name = named("place");
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		const task = await firstTask(name, "running");
		const { localNodeId } = await swarm.facts();
		expect(task).toMatchObject({ nodeId: localNodeId, image, containerId: expect.stringMatching(/^[0-9a-f]{64}$/) });
		expect(task.node).not.toBe(localNodeId);
		expect(task).not.toHaveProperty("exitCode");
		expect(task).not.toHaveProperty("release");
	});

	it("knows by the event alone that a task has ended, before Swarm shows it", { timeout: 30_000 }, async () => {
		const name = named("ends");
		// Events are listened to once this resolves.
		await Promise.all([swarm.waitForChange(name, 60_000), swarm.createService(serviceSpec(name, image, forever), undefined)]);
		const { id, containerId } = await firstTask(name, "running");
		await bench.docker.getContainer(containerId!).kill();
		let task: ObservedTask | undefined;
		// Docker tells nothing more when Swarm has noted it: without the event this waits on.
		do {
			await swarm.waitForChange(name, 60_000);
			task = (await swarm.listTasks(name)).find((one) => one.id === id);
		} while (task && isAlive(task));
		expect(task).toMatchObject({ containerId });
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

	it("says so when the last words are lost", async () => {
		const name = named("lost");
		await swarm.createService(serviceSpec(name, image, forever), undefined);
		const task = await firstTask(name, "running");
		const words = await swarm.lastWords({ ...task, id: "0".repeat(25), containerId: "0".repeat(64) });
		expect(words.output).toContain("the output could not be read");
	});

	it("goes on waiting by the clock when there are no events to be had", async () => {
		const nowhere = new DockerClient({ host: "unix:///nowhere.sock", description: "nowhere" }, bench.untrusted);
		const blind = new DockerSwarm(nowhere, "deploymill", silent);
		const started = Date.now();
		await Promise.all([blind.waitForChange("a", 300), blind.waitForChange("a", 300), blind.waitForChange("b", 100)]);
		expect(Date.now() - started).toBeGreaterThanOrEqual(295);
		blind.close();
	});

	it("ends all waits when it is closed", async () => {
		const own = new DockerSwarm(bench.client, "deploymill", silent);
		const waits = [own.waitForChange(named("closed"), 60_000), own.waitForChange(named("closed"), 60_000)];
		own.close();
		await Promise.all(waits);
	});

	it("reads a volume's labels", async () => {
		const volume = await bench.docker.createVolume({ Name: named("volume"), Labels: { mine: "yes" } });
		expect(await swarm.inspectVolume(volume.name)).toEqual({ labels: { mine: "yes" } });
		await bench.docker.getVolume(volume.name).remove();
	});
});
