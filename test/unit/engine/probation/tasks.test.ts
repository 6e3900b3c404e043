import { describe, expect, test } from "vitest";
import { endedTasks, isAsJudged } from "../../../../src/engine/probation/tasks.ts";
import { EndedTasks } from "../../../../src/engine/rollout/ended-tasks.ts";
import { tasksFingerprint } from "../../../../src/engine/service/merge.ts";
import type { ObservedService, ServiceSpec } from "../../../../src/model/service.ts";
import { imageOf, service, task } from "../records.ts";

const ours = { image: imageOf("a").reference, deploymentId: "dep-1" };
const fingerprint = tasksFingerprint(service("dep-1").spec);

function changed(change: (spec: ServiceSpec) => void): ObservedService {
	const observed = structuredClone(service("dep-1"));
	change(observed.spec);
	return observed;
}

describe("The tasks of a release on probation", () => {
	test.each<[string, ObservedService | undefined, boolean]>([
		["as they were", service("dep-1"), true],
		["more of them", service("dep-1", 3), true],
		["a label", changed((spec) => Object.assign(spec.Labels, { team: "red" })), true],
		["a restart by hand", changed(({ TaskTemplate }) => Object.assign(TaskTemplate, { ForceUpdate: 1 })), true],
		["none of them", service("dep-1", 0), false],
		["another release", service("dep-2"), false],
		["another image", changed(({ TaskTemplate }) => Object.assign(TaskTemplate.ContainerSpec, { Image: "nginx" })), false],
		["another env", changed(({ TaskTemplate }) => Object.assign(TaskTemplate.ContainerSpec, { Env: ["MODE=safe"] })), false],
		["another limit", changed(({ TaskTemplate }) => Object.assign(TaskTemplate.Resources.Limits, { MemoryBytes: 1e9 })), false],
		["no service", undefined, false],
	])("%s: whether they are still what was judged", (_name, observed, expected) => {
		expect(isAsJudged(observed, ours, fingerprint)).toBe(expected);
	});

	const ended = (id: string, slot = 1) => task("dep-1", { id, slot, state: "failed", desiredState: "shutdown" });

	test("have ended twice when one replica did, and Swarm may have forgotten the first", () => {
		const tasks = new EndedTasks(ours, []);
		tasks.note([task("dep-1"), ended("t1")]);
		tasks.note([task("dep-1"), ended("t1")]);
		expect(tasks.mostInOneReplica).toBe(1);
		tasks.note([task("dep-1"), ended("t2")]);
		expect(tasks.mostInOneReplica).toBe(2);
	});

	test("have not where two replicas ended once each, or before the bake, or of another release, or in an orderly way", () => {
		const tasks = new EndedTasks(ours, endedTasks([task("dep-1"), ended("t0")], ours));
		tasks.note([
			ended("t0"),
			ended("t1"),
			ended("t2", 2),
			task("dep-0", { id: "t3", state: "failed" }),
			task("dep-1", { id: "t4", state: "shutdown", desiredState: "shutdown" }),
		]);
		expect(tasks.mostInOneReplica).toBe(1);
	});
});
