import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory } from "../support/app-story.ts";
import { StagedEngine } from "../support/staged-engine.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { countStandbys, workerOf } from "../support/workers.ts";

describe("A worker begins while its call is checked", () => {
	let bed: TestBed;
	let app: AppStory;
	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "early", { project: { rollback: true } });
	});
	afterAll(() => bed.close());

	const logs = async () => (await readdir(join(bed.dataFolder, "logs"))).filter((name) => name.endsWith(".worker.log"));
	const standbys = () => countStandbys(bed.dataFolder);

	it("takes its deployment to the end, under its name, with its log", async () => {
		const { deploymentId } = await app.server.deployment("deploy", { applicationId: app.applicationId, wait: 0 });
		const { pid } = await workerOf(bed.dataFolder, deploymentId!);
		expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toMatch(new RegExp(`/cli\\.js.worker.${deploymentId}`));
		expect(await app.server.deployment("get_deployment", { deploymentId })).toMatchObject({ outcome: "live" });
		expect(await logs()).toEqual([`${deploymentId}.worker.log`]);
		expect(await standbys()).toBe(0);
	});

	it("ends with a call that is refused, and leaves nothing", async () => {
		const before = await logs();
		await app.server.ok("set_hold", { applicationId: app.applicationId, hold: true });
		expect(await app.server.refusal("deploy", { applicationId: app.applicationId })).toMatchObject({ code: "deployments_held" });
		await until(standbys, (count) => count === 0);
		expect(await logs()).toEqual(before);
		await app.server.ok("set_hold", { applicationId: app.applicationId, hold: false });
	});

	it("ends with a server that is killed in the checks, one for all calls that it has", async () => {
		const before = await logs();
		await using engine = await StagedEngine.start(bed.path("held.sock"), bed.sandbox.dockerHost);
		engine.treat = () => "late";
		const held = await bed.server({ DOCKER_HOST: engine.dockerHost });
		const calls = [1, 2, 3].map(() => held.call("deploy", { applicationId: app.applicationId }));
		const ended = Promise.allSettled(calls);
		expect(await until(standbys, (count) => count > 0)).toBe(1);
		await held.kill();
		await ended;
		await until(standbys, (count) => count === 0);
		expect(await logs()).toEqual(before);
	});
});
