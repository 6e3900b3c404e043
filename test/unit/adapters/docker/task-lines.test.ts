import { describe, expect, it } from "vitest";
import type { OutputStream } from "../../../../src/adapters/docker/multiplexed.ts";
import { spareEntries, TaskLines } from "../../../../src/adapters/docker/task-lines.ts";

/** `text` without a line break at its end is a piece of a line. */
function entry(text: string, stream: OutputStream = "stdout") {
	const endsLine = text.endsWith("\n");
	return { stream, bytes: Buffer.from(endsLine ? text.slice(0, -1) : text), endsLine };
}

describe("the entries of a task's log", () => {
	it("are joined to lines, stream by stream, with the head of the first", () => {
		const lines = new TaskLines<number>(1000);
		lines.push(entry("be"), 1);
		lines.push(entry("err\n", "stderr"), 2);
		lines.push(entry("gin\n"), 3);
		lines.push(entry("\n"), 4);
		lines.push(entry("no end"), 5);
		expect(lines.end()).toEqual({
			isWhole: true,
			lines: [
				{ head: 2, stream: "stderr", text: "err", length: 3 },
				{ head: 1, stream: "stdout", text: "begin", length: 5 },
				{ head: 4, stream: "stdout", text: "", length: 0 },
				{ head: 5, stream: "stdout", text: "no end", length: 6 },
			],
		});
	});

	it("lose a line whose beginning, and half of whose secret, Docker's tail may have cut off", () => {
		const asked = 10 + spareEntries;
		const lines = new TaskLines<number>(asked);
		lines.push(entry("ond half of a secret\n"), 0);
		lines.push(entry("of stderr the same\n", "stderr"), 1);
		for (let n = 2; n < asked; n++) lines.push(entry(`line ${n}\n`), n);
		const { lines: left, isWhole } = lines.end();
		expect(isWhole).toBe(false);
		expect(left.map(({ text }) => text)).toEqual(Array.from({ length: asked - 2 }, (_, n) => `line ${n + 2}`));
	});

	it("lose none where the task printed nothing before, nor of a stream that begins late", () => {
		const few = new TaskLines<number>(100);
		few.push(entry("all there is\n"), 0);
		expect(few.end()).toMatchObject({ isWhole: true, lines: [{ text: "all there is" }] });
		const asked = 10 + spareEntries;
		const late = new TaskLines<number>(asked);
		for (let n = 1; n < asked; n++) late.push(entry(`line ${n}\n`), n);
		late.push(entry("panic: at the end\n", "stderr"), asked);
		expect(late.end().lines.at(-1)).toMatchObject({ text: "panic: at the end" });
	});
});
