import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const image = "node:24-slim";

describe("DockerSwarm.readServiceLogs", () => {
	let bench: Workbench;
	beforeAll(async () => {
		bench = await openWorkbench();
	});
	afterAll(() => bench.close());

	const named = (name: string) => `${bench.prefix}-${name}`;

	it("reads the log of all tasks in the order of time", async () => {
		const name = named("chats");
		const talk = "for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.02; done; sleep 600";
		await bench.swarm.createService(serviceSpec(name, image, ["sh", "-c", talk]), undefined);
		const lines = await until(
			() => bench.swarm.readServiceLogs(name, { tail: 4 }),
			(seen) => seen.some((line) => line.text === "err 3"),
		);
		const [task] = await bench.swarm.listTasks(name);
		expect(lines.map((line) => `${line.stream} ${line.text}`).sort()).toEqual([
			"stderr err 2",
			"stderr err 3",
			"stdout out 2",
			"stdout out 3",
		]);
		expect(lines[0]).toMatchObject({ taskId: task?.id, node: task?.node });
		expect(lines.map((line) => line.timestamp)).toEqual(lines.map((line) => line.timestamp).toSorted());
		expect(await bench.swarm.readServiceLogs(named("missing"), { tail: 4 })).toEqual([]);
	});

	it("reads only the log lines that are new enough", async () => {
		const name = named("recent");
		await bench.swarm.createService(serviceSpec(name, image, ["sh", "-c", "echo hello; sleep 600"]), undefined);
		const read = (sinceSeconds: number) => bench.swarm.readServiceLogs(name, { tail: 10, sinceSeconds });
		await until(
			() => read(3600),
			(lines) => lines.length === 1,
		);
		expect(await read(-60)).toEqual([]);
	});
});
