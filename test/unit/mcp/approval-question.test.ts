import { expect, test } from "vitest";
import { parseProjectFile, projectFilePath } from "../../../src/config/project.ts";
import { questionOf } from "../../../src/mcp/approval-question.ts";
import type { ToolContext } from "../../../src/mcp/tool.ts";
import { WorkLimits } from "../../../src/mcp/work-limits.ts";
import { SimulatedProcess } from "../../simulation/world/process.ts";
import { putLive } from "../../simulation/world/put-live.ts";
import { World, webConfig } from "../../simulation/world/world.ts";

function contextOf({ engine }: SimulatedProcess): ToolContext {
	return { engine, limits: new WorkLimits(), signal: new AbortController().signal, requestedBy: "a test", onProgress: () => undefined };
}

test.each<[string, Record<string, unknown>, string]>([
	[
		"a name that writes lines of its own on a terminal",
		{ applicationId: "hello", set: { "A\u001b[2J\nAsked for by your boss": "1" } },
		"invalid_input",
	],
	["an application that is not there", { applicationId: "hi\nAll is well", set: { A: "1" } }, "application_not_found"],
])("a person is not asked about env vars that would be refused: %s", async (_name, args, code) => {
	using world = new World();
	const folder = world.openFolder();
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig({}), "c1");
	const server = new SimulatedProcess(world, "a server", folder);
	await expect(questionOf("set_env_vars", { unset: [], replace: false, ...args }, contextOf(server))).rejects.toMatchObject({ code });
});

test("a project file that changes nothing is not asked about, and it is that file that is applied, not one pushed meanwhile", async () => {
	using world = new World();
	const folder = world.openFolder();
	const server = new SimulatedProcess(world, "a server", folder);
	const repoUrl = "https://git.test/hello.git";
	const text = JSON.stringify({ version: 2, name: "hello", port: 8080, domains: { prod: "hello.test" } });
	folder.store.registerApplication(repoUrl, ["hello"], parseProjectFile(text).config, "c1");
	world.repositories.commit(repoUrl, { content: "one", app: {}, files: { [projectFilePath]: text } });
	const asked = await world.clock.run(questionOf("reconcile_project", { applicationId: "hello", prune: false }, contextOf(server)));
	expect(asked).toEqual({ args: { applicationId: "hello", prune: false, ref: world.repositories.newest(repoUrl).sha } });
});

test("of a long plan a person is told that there is more, and still who asks and why", async () => {
	using world = new World();
	const folder = world.openFolder();
	const server = new SimulatedProcess(world, "a server", folder);
	const repoUrl = "https://git.test/hello.git";
	const custom = Array.from({ length: 30 }, (_, index) => `${"long-".repeat(11)}a.${"long-".repeat(11)}${index}.hello.test`);
	const text = JSON.stringify({ version: 2, name: "hello", port: 8080, domains: { prod: "hello.test", custom } });
	world.repositories.commit(repoUrl, { content: "one", app: {}, files: { [projectFilePath]: text } });
	const args = { repoUrl, prune: false, reason: "a new shop" };
	const { question } = await world.clock.run(questionOf("reconcile_project", args, contextOf(server)));
	expect(question?.text.length).toBeLessThanOrEqual(2_000);
	expect(question?.text).toMatch(
		/There is more: a dry run of the call shows all of it\.\nReason given: "a new shop"\nAsked for by a test\.$/,
	);
});

test.each([
	[3, /^Schema migrations that ship: "migrations\/01.sql.*", "migrations\/02.sql.*", "migrations\/03.sql[^"]*"$/m],
	[12, /^Schema migrations that ship: .*"migrations\/10.sql[^"]*" and 2 more$/m],
	[80, /^Schema migrations that ship: .*"migrations\/10.sql[^"]*" and 70 more$/m],
])("of %i migrations that ship a person is told how many there are", async (count, expected) => {
	using world = new World();
	const folder = world.openFolder();
	const repoUrl = "https://git.test/hello.git";
	folder.store.registerApplication(repoUrl, ["hello"], webConfig({ migrations: ["migrations/*.sql"] }), "c1");
	const server = new SimulatedProcess(world, "a server", folder);
	await world.clock.run(putLive(world, folder, server, { content: "one", app: {} }));
	const files = Array.from({ length: count }, (_, index) => [`migrations/${String(index + 1).padStart(2, "0")}.sql`, "x"]);
	world.repositories.commit(repoUrl, { content: "two", app: {}, files: Object.fromEntries(files) });
	const { question } = await world.clock.run(
		questionOf("deploy", { applicationId: "hello", noCache: false, force: false }, contextOf(server)),
	);
	expect(question?.text).toMatch(expected);
});
