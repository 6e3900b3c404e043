import { afterEach, beforeEach, expect, test } from "vitest";
import type { SwapJournal } from "../../../../src/engine/ports/store.ts";
import { fateOf } from "../../../../src/engine/rollout/late-change.ts";
import { labels, type ObservedService, type ServiceSpec } from "../../../../src/model/service.ts";
import { ModelSwarm } from "../../../simulation/swarm/model-swarm.ts";
import { DataFolder } from "../../../simulation/world/data-folder.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { putLive } from "../../../simulation/world/put-live.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

const sent = { serviceName: "hello", deploymentId: "dep-late" };

let world: World;
let folder: DataFolder;
let swarm: ModelSwarm;
let before: ObservedService;

beforeEach(async () => {
	world = new World();
	folder = new DataFolder(world.clock);
	swarm = new ModelSwarm(world.cluster);
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(), "c1");
	const process = new SimulatedProcess(world, "a process", folder);
	await world.clock.run(putLive(world, folder, process, { content: "one", app: {} }));
	before = (await swarm.inspectService("hello")) as ObservedService;
});

afterEach(() => {
	folder[Symbol.dispose]();
	world[Symbol.dispose]();
});

function journal(change: Partial<SwapJournal> = {}): SwapJournal {
	return { before: before.spec, serviceId: before.id, version: before.version, ...change };
}

function stamped(): ServiceSpec {
	const spec = structuredClone(before.spec);
	spec.TaskTemplate.ContainerSpec.Labels[labels.deployment] = sent.deploymentId;
	spec.TaskTemplate.ContainerSpec.Labels[labels.digest] = "sha256:1";
	return spec;
}

const update = (version = before.version) => swarm.updateService("hello", version, stamped(), undefined);

test("nothing was sent where nothing was journalled, and nothing is changed", async () => {
	expect(await fateOf(swarm, sent, undefined)).toBe("never will");
	expect((await swarm.inspectService("hello"))?.version).toBe(before.version);
});

test("what is on its way is out of sequence afterwards", async () => {
	expect(await fateOf(swarm, sent, journal())).toBe("never will");
	await expect(update()).rejects.toThrow("out of sequence");
	expect((await swarm.inspectService("hello"))?.spec).toEqual(before.spec);
});

test("what names an older version can come true no more", async () => {
	expect(await fateOf(swarm, sent, journal({ version: before.version - 1 }))).toBe("never will");
	expect((await swarm.inspectService("hello"))?.version).toBe(before.version);
});

test("the stamp on the service tells that it came true; so do tasks, where the old release was put back", async () => {
	await update();
	expect(await fateOf(swarm, sent, journal())).toBe("came true");
	await world.clock.pass(1_000);
	const now = (await swarm.inspectService("hello")) as ObservedService;
	await swarm.updateService("hello", now.version, before.spec, undefined);
	expect(await fateOf(swarm, sent, journal())).toBe("came true");
});

test("of a service that is gone, or made anew, nobody knows", async () => {
	await update();
	await swarm.removeService(before.id);
	expect(await fateOf(swarm, sent, journal())).toBe("not known");
	await swarm.createService(before.spec, undefined);
	expect(await fateOf(swarm, sent, journal())).toBe("not known");
	expect(await fateOf(swarm, sent, journal({ before: null }))).toBe("not known");
});
