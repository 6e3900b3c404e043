import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const src = new URL("../../src/", import.meta.url).href;

/** Runs a program that has a log and its redactor; what it wrote to stderr, line by line. */
async function run(program: string, { closeStderr = false } = {}): Promise<{ lines: string[]; code: number }> {
	const begin = `const { createLog } = await import("${src}log.ts"); const { Redactor } = await import("${src}redact.ts");
const redactor = new Redactor(); redactor.add("hunter22"); redactor.addEnvValue('"level":50,"'); redactor.addEnvValue("env-value-1");`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", `${begin}\n${program}`], { stdio: ["ignore", "pipe", "pipe"] });
	if (closeStderr) child.stderr.destroy();
	const exit = once(child, "exit");
	const [stderr, stdout] = await Promise.all([closeStderr ? "" : text(child.stderr), text(child.stdout)]);
	const [code] = (await exit) as [number];
	expect(stdout).toBe("");
	return { lines: stderr.split("\n").filter((line) => line !== ""), code };
}

test("every string of a line is masked, and the line is JSON still", async () => {
	const { lines } = await run(`const log = createLog("info", redactor);
log.error({ error: "key hunter22", deep: { list: ["env-value-1", 7] } }, "the key is hunter22");
log.error({ words: 'told: "level":50,"' }, "odd");`);
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([
		{ level: 50, error: "key ***", deep: { list: ["***", 7] }, msg: "the key is ***" },
		{ level: 50, words: "told: ***", msg: "odd" },
	]);
});

test("a line that cannot be masked is replaced by fixed words", async () => {
	const { lines, code } = await run(`redactor.maskAllDeep = () => { throw new Error("hunter22"); };
createLog("info", redactor).info({ a: "hunter22" }, "hunter22");`);
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, msg: "a log line was withheld: it could not be masked" }]);
	expect([lines.join("").includes("hunter22"), code]).toEqual([false, 0]);
});

test("a log that nobody reads any more ends nothing", async () => {
	const program = `const log = createLog("info", redactor); for (let at = 0; at < 2000; at++) log.info({ at, words: "x".repeat(500) }, "on and on");`;
	expect(await run(program, { closeStderr: true })).toMatchObject({ code: 0 });
});
