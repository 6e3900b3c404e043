import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { collectTail } from "../../../../src/adapters/git/command.ts";

async function tailOf(said: string): Promise<string> {
	const stream = Readable.from([said], { objectMode: false });
	const tail = collectTail(stream);
	await text(stream);
	return tail();
}

test("what git says is kept as it is while it is short", async () => {
	expect(await tailOf("remote: one\nfatal: two\n")).toBe("remote: one\nfatal: two\n");
});

test("of much, the end is kept in whole lines, so that no part of a secret stands at the cut", async () => {
	const token = "ghp_Sup3rS3cretT0kenABCDEFGHIJ1234567890";
	const said = await tailOf(`${`remote: ${token}\n`.repeat(1_000)}fatal: refused\n`);
	expect(said.startsWith(`remote: ${token}\n`)).toBe(true);
	expect(said.endsWith("fatal: refused\n")).toBe(true);
	expect(await tailOf(token.repeat(1_000))).toBe("");
});
