import { expect, test } from "vitest";
import { previewRollback } from "../../../../src/engine/calls/preview-rollback.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { putLive } from "../../../simulation/world/put-live.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

/** Warnings of a dry run, where a second release is live over a first one. */
async function warningsWith(change: Partial<ApplicationConfig>): Promise<string[]> {
	using world = new World();
	const folder = world.openFolder();
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(change), "c1");
	const server = new SimulatedProcess(world, "a server", folder);
	for (const content of ["one", "two"]) await world.clock.run(putLive(world, folder, server, { content, app: {} }));
	const question = { applicationId: "hello", asker: "before", request: {} };
	const { answer: preview } = await world.clock.run(previewRollback(server.engine, question));
	return preview.warnings as string[];
}

const sameData = "the target's app works on the same data (volume data, uploads): what was written since stays";

test("an app that keeps data is told that the older one works on it too", async () => {
	const mounts = ["data", "uploads"].map((volumeName) => ({ volumeName, mountPath: `/${volumeName}` }));
	expect(await warningsWith({ mounts })).toContain(sameData);
	expect((await warningsWith({})).filter((text) => text.includes("data"))).toEqual([]);
});
