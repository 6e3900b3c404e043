// Holds every implementation of the Swarm port to what the port promises: the double of the tests and the real Docker Swarm alike.
import { afterAll, beforeAll, describe, expect, it as test } from "vitest";
import { ServiceChanged, type Swarm } from "../../src/engine/ports/swarm.ts";
import { labels, type ServiceSpec } from "../../src/model/service.ts";
import type { SwarmUnderTest } from "./swarm-under-test.ts";

export function describeSwarm(name: string, open: () => Promise<SwarmUnderTest>): void {
	describe(`${name} as a Swarm`, () => {
		let bench: SwarmUnderTest;
		let swarm: Swarm;
		beforeAll(async () => {
			bench = await open();
			swarm = bench.swarm;
		});
		afterAll(() => bench.close());
		const it = (title: string, body: () => Promise<void>) => test(title, () => bench.during(body));

		async function create(suffix: string, change: (spec: ServiceSpec) => void = () => {}): Promise<string> {
			const serviceName = `${bench.prefix}-${suffix}`;
			const spec = bench.spec(serviceName);
			change(spec);
			await swarm.createService(spec, undefined);
			return serviceName;
		}

		it("knows its node, the network and the version of its API", async () => {
			const { localNodeId, networkId, apiVersion } = await swarm.facts();
			expect(localNodeId).not.toBe("");
			expect(networkId).not.toBe("");
			expect(apiVersion).toMatch(/^\d+\.\d+$/);
			expect(await swarm.specFacts()).toEqual({ networkId, apiVersion });
		});

		it("finds a service by its exact name", async () => {
			const serviceName = await create("exact");
			expect((await swarm.inspectService(serviceName))?.spec.Name).toBe(serviceName);
			expect(await swarm.inspectService(serviceName.slice(0, -1))).toBeUndefined();
			expect(await swarm.inspectService(`${serviceName}-more`)).toBeUndefined();
		});

		it("lists the services that carry a label, and all where none is named", async () => {
			const serviceName = await create("labelled", (spec) => {
				spec.Labels[`${bench.prefix}.mark`] = "1";
			});
			const other = await create("unlabelled");
			const listed = await swarm.listServices(`${bench.prefix}.mark`);
			expect(listed.map((service) => service.spec.Name)).toEqual([serviceName]);
			const all = (await swarm.listServices()).map((service) => service.spec.Name);
			expect(all).toEqual(expect.arrayContaining([serviceName, other]));
		});

		it("refuses a second service of the same name, and changes nothing", async () => {
			const serviceName = await create("twice");
			const before = await swarm.inspectService(serviceName);
			await expect(create("twice")).rejects.toThrow(ServiceChanged);
			expect((await swarm.inspectService(serviceName))?.id).toBe(before?.id);
		});

		it("updates from the version that was seen, once", async () => {
			const serviceName = await create("raced");
			const { version, spec } = (await swarm.inspectService(serviceName))!;
			await swarm.updateService(serviceName, version, { ...spec, Labels: { by: "first" } }, undefined);
			await expect(swarm.updateService(serviceName, version, { ...spec, Labels: { by: "second" } }, undefined)).rejects.toThrow(
				ServiceChanged,
			);
			const after = await swarm.inspectService(serviceName);
			expect(after?.spec.Labels).toEqual({ by: "first" });
			expect(after?.version).toBeGreaterThan(version);
		});

		it("keeps what a spec says beyond what deploymill knows", async () => {
			const serviceName = await create("foreign", (spec) => Object.assign(spec.TaskTemplate.ContainerSpec, { Hostname: "kept" }));
			const service = await swarm.inspectService(serviceName);
			await swarm.updateService(serviceName, service!.version, { ...service!.spec, Labels: {} }, undefined);
			expect((await swarm.inspectService(serviceName))?.spec.TaskTemplate.ContainerSpec).toMatchObject({ Hostname: "kept" });
		});

		it("removes a service, and again what is gone", async () => {
			const serviceName = await create("removed");
			const { id } = (await swarm.inspectService(serviceName))!;
			await swarm.removeService(id);
			await swarm.removeService(id);
			expect(await swarm.inspectService(serviceName)).toBeUndefined();
			expect(await swarm.listTasks(serviceName)).toEqual([]);
		});

		it("leaves a service that was made under the same name since", async () => {
			const serviceName = await create("made-again");
			const before = (await swarm.inspectService(serviceName))!;
			await swarm.removeService(before.id);
			await swarm.createService(before.spec, undefined);
			await swarm.removeService(before.id);
			const after = await swarm.inspectService(serviceName);
			expect(after?.id).not.toBe(before.id);
			expect(after?.spec.Name).toBe(serviceName);
		});

		it("shows a service's tasks with their release, the newest first", async () => {
			const stamped = (deploymentId: string) => (spec: ServiceSpec) => {
				spec.TaskTemplate.ContainerSpec.Labels = { [labels.deployment]: deploymentId, [labels.digest]: "sha256:1" };
			};
			const serviceName = await create("tasks", stamped("dep_1"));
			const runs = (deploymentId: string) =>
				bench.until(
					() => swarm.listTasks(serviceName),
					(tasks) => tasks[0]?.release?.deploymentId === deploymentId && tasks[0].state === "running",
				);
			await runs("dep_1");
			const { version, spec } = (await swarm.inspectService(serviceName))!;
			stamped("dep_2")(spec);
			await swarm.updateService(serviceName, version, spec, undefined);
			const tasks = await runs("dep_2");
			expect(tasks.map((task) => task.release?.deploymentId)).toEqual(["dep_2", "dep_1"]);
			expect(tasks[0]).toMatchObject({ slot: 1, nodeReady: true, desiredState: "running" });
			expect(new Date(tasks[0]!.since).toISOString()).toBe(tasks[0]!.since);
		});

		it("wakes who waits on a change, and lets others of other services wait", async () => {
			await swarm.waitForChange(`${bench.prefix}-wakes`, 1);
			const ended: string[] = [];
			const woken = swarm.waitForChange(`${bench.prefix}-wakes`, 60_000).then(() => ended.push("woken"));
			const other = swarm.waitForChange(`${bench.prefix}-sleeps`, 15_000).then(() => ended.push("slept"));
			await create("wakes");
			await Promise.all([woken, other]);
			expect(ended).toEqual(["woken", "slept"]);
		});

		it("ends a wait when its signal aborts, without an error", async () => {
			const started = Date.now();
			await swarm.waitForChange(`${bench.prefix}-aborted`, 20_000, AbortSignal.timeout(50));
			await swarm.waitForChange(`${bench.prefix}-aborted`, 20_000, AbortSignal.abort());
			expect(Date.now() - started).toBeLessThan(5000);
		});

		it("has no last words but a task's own where nothing else is left, and no error", async () => {
			const never = { id: "0".repeat(25), slot: 1, node: "gone", nodeReady: false, desiredState: "shutdown", state: "rejected" } as const;
			const task = {
				...never,
				image: "none",
				error: "No such image",
				createdAt: new Date(0).toISOString(),
				since: new Date(0).toISOString(),
			};
			expect(await swarm.lastWords(task)).toEqual({
				taskId: task.id,
				node: "gone",
				state: "rejected",
				error: expect.stringContaining("No such image"),
			});
		});

		it("knows no volume that is not there", async () => {
			expect(await swarm.inspectVolume(`${bench.prefix}-nothing`)).toBeUndefined();
		});
	});
}
