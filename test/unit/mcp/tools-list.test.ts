import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { encode } from "gpt-tokenizer";
import { expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { createServer } from "../../../src/mcp/server.ts";
import { Redactor } from "../../../src/redact.ts";

/** Contract section 4. */
const budget = 4_500;

/** Listing tools touches no engine: one that is touched would fail here. */
const noEngine = {} as Engine;

async function listOf(readOnly: boolean) {
	const secrets = { lookForEnvValues: () => undefined, logins: Promise.resolve() };
	const server = createServer({ engine: noEngine, redactor: new Redactor(), secrets, version: "0.0.0-test", readOnly });
	const client = new Client({ name: "test", version: "1" });
	const [ours, theirs] = InMemoryTransport.createLinkedPair();
	await Promise.all([server.connect(ours), client.connect(theirs)]);
	const list = await client.listTools();
	await client.close();
	return list;
}

test("the whole answer to tools/list is the committed one", async () => {
	await expect(`${JSON.stringify(await listOf(false), null, "\t")}\n`).toMatchFileSnapshot("tools-list.json");
});

test("the whole answer to tools/list stays within the budget", async () => {
	const tokens = encode(JSON.stringify(await listOf(false))).length;
	console.log(`tools/list: ${tokens} tokens of at most ${budget}`);
	expect(tokens).toBeLessThan(budget);
});

test("a read-only server lists the tools that change nothing, and no other", async () => {
	const { tools } = await listOf(true);
	expect(tools.map(({ name }) => name)).toEqual([
		"list_applications",
		"get_deployment",
		"list_deployments",
		"get_app_health",
		"get_logs",
		"list_env_vars",
	]);
	expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
});
