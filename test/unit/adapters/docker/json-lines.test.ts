import { expect, test } from "vitest";
import { readJsonLines } from "../../../../src/adapters/docker/json-lines.ts";

async function read(...chunks: (string | Buffer)[]): Promise<unknown[]> {
	async function* source() {
		for (const chunk of chunks) yield Buffer.from(chunk);
	}
	const messages: unknown[] = [];
	for await (const message of readJsonLines(source())) messages.push(message);
	return messages;
}

test("messages are whole wherever the network cuts them", async () => {
	const bytes = Buffer.from('{"a":"grüße 🙂"}\r\n\n[1]\n"end"');
	expect(await read(...[...bytes].map((byte) => Buffer.of(byte)))).toEqual([{ a: "grüße 🙂" }, [1], "end"]);
	expect(await read(bytes)).toHaveLength(3);
	expect(await read()).toEqual([]);
});

test("a message of many megabytes is read", async () => {
	const chunk = "x".repeat(65_536);
	expect(await read('"', ...Array<string>(300).fill(chunk), '"\n', "1\n")).toEqual([chunk.repeat(300), 1]);
});

test("one that has no end is refused", async () => {
	await expect(read('"', ...Array<string>(600).fill("x".repeat(65_536)))).rejects.toThrow("more than 33554432 characters");
});
