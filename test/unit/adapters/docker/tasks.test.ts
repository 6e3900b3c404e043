import { describe, expect, it } from "vitest";
import { envValuesOf, observeTasks, type RawNode, type RawTask } from "../../../../src/adapters/docker/tasks.ts";

const node: RawNode = { ID: "node1", Description: { Hostname: "alpha" }, Status: { State: "ready" } };

function task(id: string, change: Partial<RawTask> = {}): RawTask {
	return {
		ID: id,
		Version: { Index: 1 },
		CreatedAt: "2026-01-02T03:04:05.1Z",
		Slot: 1,
		NodeID: "node1",
		DesiredState: "running",
		Spec: { ContainerSpec: { Image: "app@sha256:1" } },
		Status: { Timestamp: "2026-01-02T03:04:06.123456789Z", State: "running", ContainerStatus: { ContainerID: "c1", ExitCode: 0 } },
		...change,
	};
}

describe("observeTasks", () => {
	it("orders by time as time, which Go's short fractions are not as text", () => {
		const tasks = [
			task("second", { CreatedAt: "2026-01-02T03:04:05.12Z" }),
			task("first", { CreatedAt: "2026-01-02T03:04:05.1Z" }),
			task("third", { CreatedAt: "2026-01-02T03:04:05.12Z", Version: { Index: 2 } }),
		];
		expect(observeTasks(tasks, [node]).map(({ id }) => id)).toEqual(["third", "second", "first"]);
	});

	it("has no exit code of what runs, or never ran", () => {
		const rejected = task("rejected", { Status: { Timestamp: "2026-01-02T03:04:06Z", State: "rejected", Err: "No such image" } });
		const failed = task("failed", {
			Status: { Timestamp: "2026-01-02T03:04:06Z", State: "failed", ContainerStatus: { ContainerID: "c1", ExitCode: 137 } },
		});
		const [first, second, third] = observeTasks([task("runs"), rejected, failed], [node]);
		expect(first).not.toHaveProperty("exitCode");
		expect(second).not.toHaveProperty("exitCode");
		expect(second?.error).toBe("No such image");
		expect(third?.exitCode).toBe(137);
	});

	it("knows a node by name, a lost one by its id, and does not call a task without one lost", () => {
		const pending = task("pending", { Status: { Timestamp: "2026-01-02T03:04:06Z", State: "pending" } });
		delete pending.NodeID;
		const down: RawNode = { ...node, ID: "node2", Status: { State: "down" } };
		const tasks = observeTasks([task("here"), task("down", { NodeID: "node2" }), task("gone", { NodeID: "node3" }), pending], [node, down]);
		expect(tasks.map((each) => [each.node, each.nodeReady])).toEqual([
			["alpha", true],
			["alpha", false],
			["node3", false],
			["unassigned", true],
		]);
	});

	it("gives times in milliseconds, UTC", () => {
		expect(observeTasks([task("a")], [node])[0]).toMatchObject({
			createdAt: "2026-01-02T03:04:05.100Z",
			since: "2026-01-02T03:04:06.123Z",
		});
	});
});

describe("envValuesOf", () => {
	const spec = (Env: string[] | null): RawTask["Spec"] => ({
		ContainerSpec: { Image: "app@sha256:1", Labels: { "deploymill.deployment": "dep_1" }, Env },
	});

	it("names every value but the release, which is no secret", () => {
		const given = task("a", { Spec: spec(["TOKEN=s3cr=t", "DEPLOYMILL_RELEASE=dep_1", "EMPTY="]) });
		expect(envValuesOf(given)).toEqual(["s3cr=t", "", ""]);
	});

	it("takes what somebody set under that name for a secret like any other", () => {
		expect(envValuesOf(task("a", { Spec: spec(["DEPLOYMILL_RELEASE=hunter22"]) }))).toEqual(["hunter22"]);
	});

	it("has none where Swarm answers none", () => {
		expect(envValuesOf(task("a", { Spec: spec(null) }))).toEqual([]);
		expect(envValuesOf(task("a", { Spec: {} }))).toEqual([]);
	});
});
