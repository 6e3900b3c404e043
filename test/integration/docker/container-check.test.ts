// How often a real container is asked by its own check: often while it starts, then as the project file says.
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { healthcheckOf } from "../../../src/engine/service/container-check.ts";
import type { HealthPolicy } from "../../../src/model/application.ts";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const often: HealthPolicy = { path: "/", retries: 5, intervalMs: 100, timeoutMs: 60_000, containerIntervalMs: 100 };
const onceAnHour: HealthPolicy = { ...often, containerIntervalMs: 3_600_000 };
/** Passes from the fourth question on. */
const slowStart = ["sh", "-c", "echo asked >> /asked; test $(wc -l < /asked) -ge 4"];

describe("The check of a container", () => {
	let bench: Workbench;
	let questions: Readable;
	/** Questions by service, by the engine's own events. */
	const asked = new Map<string, number>();

	beforeAll(async () => {
		bench = await openWorkbench();
		questions = (await bench.docker.getEvents({ filters: { type: ["container"] } })) as Readable;
		questions.on("error", () => undefined);
		let rest = "";
		questions.setEncoding("utf8").on("data", (text: string) => {
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines.filter((item) => item.startsWith("{"))) hear(JSON.parse(line) as ContainerEvent);
		});
	});
	afterAll(async () => {
		questions.destroy();
		await bench.close();
	});

	it("asks often while the container starts, and then as seldom as it was told", async () => {
		const seldom = await start("seldom", onceAnHour);
		const reference = await start("often", often);
		await untilRunning(seldom);
		expect(asked.get(seldom)).toBe(4);
		// An hour cannot be waited for: a container that is asked ten times a second says that time has passed.
		const begin = asked.get(reference) ?? 0;
		await until(
			async () => asked.get(reference) ?? 0,
			(count) => count >= begin + 30,
			120_000,
		);
		expect(asked.get(seldom)).toBe(4);
	});

	async function start(label: string, policy: HealthPolicy): Promise<string> {
		const name = `${bench.prefix}-${label}`;
		const { apiVersion } = await bench.swarm.facts();
		const Healthcheck = healthcheckOf(slowStart, policy, apiVersion);
		await bench.swarm.createService(serviceSpec(name, "node:24-slim", ["sleep", "600"], { Healthcheck }), undefined);
		return name;
	}

	function untilRunning(name: string): Promise<unknown> {
		return until(
			() => bench.swarm.listTasks(name),
			(tasks) => tasks.some(({ state }) => state === "running"),
			120_000,
		);
	}

	function hear({ Action, Actor: { Attributes: attributes } }: ContainerEvent): void {
		const service = attributes["com.docker.swarm.service.name"];
		if (service && Action.startsWith("exec_create")) asked.set(service, (asked.get(service) ?? 0) + 1);
	}
});

interface ContainerEvent {
	Action: string;
	Actor: { Attributes: Record<string, string> };
}
