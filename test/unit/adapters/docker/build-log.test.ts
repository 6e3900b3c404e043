import { describe, expect, it } from "vitest";
import { BuildLog } from "../../../../src/adapters/docker/build-log.ts";
import type { BuildTrace, Vertex } from "../../../../src/adapters/docker/build-trace.ts";
import { longestLogLine } from "../../../../src/untrusted.ts";

function newLog() {
	const lines: string[] = [];
	const steps: string[] = [];
	const log = new BuildLog((name) => steps.push(name));
	const accept = (trace: Partial<BuildTrace>) => {
		for (const text of log.accept({ vertexes: [], statuses: [], logs: [], warnings: [], ...trace })) lines.push(text);
	};
	const say = (vertex: string, text: string | Uint8Array, time = 100) =>
		accept({ logs: [{ vertex, time, stream: 1, bytes: typeof text === "string" ? Buffer.from(text) : text }] });
	return { log, lines, steps, accept, say };
}

function vertex(digest: string, name: string, more: Partial<Vertex> = {}): Vertex {
	return { digest, name, cached: false, ...more };
}

describe("BuildLog", () => {
	it("tells steps, output and ends as BuildKit's plain progress does", () => {
		const { lines, steps, accept, say } = newLog();
		const run = vertex("a", "[2/3] RUN npm ci", { started: 100 });
		accept({ vertexes: [run] });
		say("a", "added 3 packages\n", 100.314);
		accept({ vertexes: [{ ...run, completed: 100.4 }] });
		accept({ vertexes: [vertex("b", "[3/3] COPY . .", { started: 101, completed: 101, cached: true })] });
		expect(lines).toEqual(["#1 [2/3] RUN npm ci", "#1 0.31 added 3 packages", "#1 DONE 0.4s", "#2 [3/3] COPY . .", "#2 CACHED"]);
		expect(steps).toEqual(["[2/3] RUN npm ci"]);
	});

	it("numbers steps as they start, and tells each once however often it comes", () => {
		const { lines, accept } = newLog();
		accept({ vertexes: [vertex("late", "[b 1/1] RUN b"), vertex("early", "[a 1/1] RUN a", { started: 1 })] });
		accept({ vertexes: [vertex("early", "[a 1/1] RUN a", { started: 1 }), vertex("late", "[b 1/1] RUN b", { started: 2 })] });
		const done = vertex("early", "[a 1/1] RUN a", { started: 1, completed: 2 });
		accept({ vertexes: [done] });
		accept({ vertexes: [done] });
		accept({ vertexes: [{ ...done, completed: 3 }] });
		expect(lines).toEqual(["#1 [a 1/1] RUN a", "#2 [b 1/1] RUN b", "#1 DONE 1.0s"]);
	});

	it("keeps output that comes before its step has a name", () => {
		const { lines, accept, say } = newLog();
		say("a", "hello\n");
		expect(lines).toEqual([]);
		accept({ vertexes: [vertex("a", "[1/1] RUN x", { started: 1 })] });
		expect(lines).toEqual(["#1 [1/1] RUN x", "#1 hello"]);
	});

	it("joins characters and lines that were cut between messages", () => {
		const { lines, accept, say } = newLog();
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		const bytes = Buffer.from("grüße 🙂\n");
		for (const byte of bytes) say("a", Uint8Array.of(byte));
		expect(lines.at(-1)).toBe("#1 0.00 grüße 🙂");
	});

	it("keeps stdout and stderr of a step apart, so that neither cuts into the other's line", () => {
		const { lines, accept } = newLog();
		const part = (stream: number, text: string) => accept({ logs: [{ vertex: "a", time: 100, stream, bytes: Buffer.from(text) }] });
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		part(1, "out ");
		part(2, "err\n");
		part(1, "put\n");
		expect(lines.slice(1)).toEqual(["#1 0.00 err", "#1 0.00 out put"]);
	});

	it("shows of a progress bar what a terminal would", () => {
		const { lines, accept, say } = newLog();
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		for (let percent = 0; percent <= 100; percent++) say("a", `\rloading ${percent}% ${".".repeat(90)}`);
		say("a", "\r\ndone\r\n");
		expect(lines.slice(1)).toEqual([`#1 0.00 loading 100% ${".".repeat(90)}`, "#1 0.00 done"]);
	});

	it("keeps no more of a huge line than is looked at, and writes over it as a terminal does", () => {
		const { lines, accept, say } = newLog();
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		for (let i = 0; i < 100; i++) say("a", "x".repeat(100_000));
		say("a", "\nnext\n");
		expect(lines[1]).toMatch(new RegExp(`^#1 0.00 x{${longestLogLine - 4}}`));
		expect(lines[1]?.length).toBeLessThan(longestLogLine + 20);
		expect(lines[2]).toBe("#1 0.00 next");
		say("a", `${"y".repeat(1_000_000)}\rover\n`);
		expect(lines[3]).toBe("#1 0.00 over");
	});

	it.each([
		["\r".repeat(200_000), "over", "\n"],
		["gone\r\r", "", "over\n"],
		["gone\r", "\r", "over\r\r\n"],
		["go\rne", "\rov\rover\r", "\n"],
	])("takes what was last written over a line, wherever the pieces are cut", (...pieces) => {
		const { lines, accept, say } = newLog();
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		for (const piece of pieces) say("a", piece);
		expect(lines.slice(1)).toEqual(["#1 0.00 over"]);
	});

	it("gives many lines one by one", () => {
		const { log, accept } = newLog();
		accept({ vertexes: [vertex("a", "s", { started: 100 })] });
		const logs = [{ vertex: "a", time: 100, stream: 1, bytes: Buffer.from("y\n".repeat(1_000_000)) }];
		const lines = log.accept({ vertexes: [], statuses: [], logs, warnings: [] });
		expect([lines.next().value, lines.next().value]).toEqual(["#1 0.00 y", "#1 0.00 y"]);
	});

	it("keeps a bounded number of lines of a step that never gets a name", () => {
		const { lines, accept, say } = newLog();
		say("a", "y\n".repeat(100_000));
		accept({ vertexes: [vertex("a", "s", { started: 1 })] });
		expect(lines).toHaveLength(1001);
	});

	it("tells a step that fails before it starts", () => {
		const { log, lines, accept } = newLog();
		accept({ vertexes: [vertex("a", "[1/1] COPY x .", { completed: 1, error: "x: not found" })] });
		expect(lines).toEqual(["#1 [1/1] COPY x .", "#1 ERROR: x: not found"]);
		expect(log.failed?.name).toBe("[1/1] COPY x .");
	});

	it("tells an error, its step, and not those that only stopped because of it", () => {
		const { log, lines, accept, say } = newLog();
		const failed = vertex("a", "[2/2] RUN exit 3", { started: 1, completed: 2, error: "process did not complete: exit code: 3" });
		accept({ vertexes: [vertex("b", "[x 1/1] RUN sleep", { started: 1 })] });
		accept({ vertexes: [{ ...failed, completed: undefined, error: undefined } as unknown as Vertex] });
		say("a", "no line break at the end");
		accept({ vertexes: [vertex("b", "[x 1/1] RUN sleep", { started: 1, completed: 2, error: "context canceled" }), failed] });
		expect(lines.slice(2)).toEqual(["#1 CANCELED", "#2 no line break at the end", "#2 ERROR: process did not complete: exit code: 3"]);
		expect(log.failed).toEqual({ name: "[2/2] RUN exit 3", error: "process did not complete: exit code: 3" });
	});

	it("goes back to the step that still runs when another is done", () => {
		const { steps, accept } = newLog();
		accept({ vertexes: [vertex("a", "long", { started: 1 })] });
		accept({ vertexes: [vertex("b", "short", { started: 2 })] });
		accept({ vertexes: [vertex("b", "short", { started: 2, completed: 3 })] });
		expect(steps).toEqual(["long", "short", "long"]);
	});
});
