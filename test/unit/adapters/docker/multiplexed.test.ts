import { describe, expect, it } from "vitest";
import { readPieces } from "../../../../src/adapters/docker/multiplexed.ts";
import { TaskLines } from "../../../../src/adapters/docker/task-lines.ts";
import { longestLogLine } from "../../../../src/untrusted.ts";

function frame(stream: number, text: string | Buffer): Buffer {
	const payload = Buffer.from(text);
	const header = Buffer.alloc(8);
	header[0] = stream;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
}

async function linesOf(...chunks: Buffer[]): Promise<string[]> {
	async function* source() {
		yield* chunks;
	}
	const lines = new TaskLines<true>(10_000);
	for await (const piece of readPieces(source())) lines.push(piece, true);
	return lines.end().lines.map(({ stream, text }) => `${stream}: ${text}`);
}

describe("readPieces, joined to lines", () => {
	it("tells stdout from stderr, in the order they came", async () => {
		expect(await linesOf(frame(1, "a\n"), frame(2, "b\n"), frame(1, "c\n"), frame(1, "d\n"))).toEqual([
			"stdout: a",
			"stderr: b",
			"stdout: c",
			"stdout: d",
		]);
	});

	it("does not mind where the network cuts", async () => {
		const whole = Buffer.concat([frame(1, "grüße 🙂\n"), frame(2, "x\n")]);
		const bytes = [...whole].map((byte) => Buffer.of(byte));
		expect(await linesOf(...bytes)).toEqual(["stdout: grüße 🙂", "stderr: x"]);
	});

	it("joins a line that the engine cut into frames, though the other stream comes in between", async () => {
		const text = Buffer.from("lang🙂er\n");
		expect(await linesOf(frame(1, text.subarray(0, 6)), frame(2, "other\n"), frame(1, text.subarray(6)))).toEqual([
			"stderr: other",
			"stdout: lang🙂er",
		]);
	});

	it("keeps a last line without a line break", async () => {
		expect(await linesOf(frame(2, "panic: no"))).toEqual(["stderr: panic: no"]);
	});

	it.each(["in frames", "without"])("keeps the beginning of a line that is too long, %s", async (form) => {
		const pieces = Array.from({ length: 2000 }, () => Buffer.alloc(16_384, "x"));
		const framed = [...pieces.map((piece) => frame(1, piece)), frame(1, "\n")];
		const [line, ...others] = await linesOf(...(form === "in frames" ? framed : [...pieces, Buffer.from("\n")]));
		expect(others).toEqual([]);
		expect(line?.length).toBeGreaterThan(longestLogLine + 100);
		expect(line?.length).toBeLessThan(4 * longestLogLine);
	});

	it("takes what has no frames for stdout, as a container with a terminal gives it", async () => {
		expect(await linesOf(Buffer.from("plain text\nof a "), Buffer.from("terminal\n"))).toEqual([
			"stdout: plain text",
			"stdout: of a terminal",
		]);
		expect(await linesOf(Buffer.from("short"))).toEqual(["stdout: short"]);
	});
});
