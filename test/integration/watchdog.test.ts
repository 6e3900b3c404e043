import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { until } from "../support/until.ts";

const adapters = `${pathToFileURL(`${import.meta.dirname}/../../src/adapters`).href}/`;
const prelude = `
	import { ThreadWatchdog } from ${JSON.stringify(`${adapters}watchdog.ts`)};
	import { systemClock as clock } from ${JSON.stringify(`${adapters}system-clock.ts`)};
	const watchdog = new ThreadWatchdog();
	const block = (ms) => { const end = clock.monotonic() + ms; while (clock.monotonic() < end); };
	const say = (text) => process._rawDebug(text);
`;

/** What a process of its own said, and how it ended. Whatever hangs is killed by another signal than the watchdog's. */
function run(code: string): Promise<{ said: string; signal: string | null; exitCode: number | null }> {
	return new Promise((resolve) => {
		const args = ["--input-type=module", "--eval", prelude + code];
		const child = execFile(process.execPath, args, { timeout: 60_000, killSignal: "SIGABRT" }, (_error, _stdout, said) =>
			resolve({ said, signal: child.signalCode, exitCode: child.exitCode }),
		);
	});
}

test("a process whose loop stands still is ended at its deadline, and its log says why", async () => {
	const { said, signal } = await run("watchdog.heldUntil(clock.monotonic() + 300); say('blocked'); for (;;);");
	expect(signal).toBe("SIGKILL");
	const [blocked, line] = said.trim().split("\n");
	expect(blocked).toBe("blocked");
	expect(JSON.parse(line ?? "")).toMatchObject({ level: 60, msg: expect.stringContaining("the lease ran out") });
});

test("so is one whose loop is free, but that renews nothing", async () => {
	const { signal } = await run("watchdog.heldUntil(clock.monotonic() + 300); setTimeout(() => say('late'), 30_000);");
	expect(signal).toBe("SIGKILL");
});

test("a process that renews goes on for as long as it does", async () => {
	const { said, signal } = await run(`
		for (let round = 0; round < 10; round++) { watchdog.heldUntil(clock.monotonic() + 10_000); block(50); }
		say('renewed');
		watchdog.heldUntil(clock.monotonic() + 100);
		for (;;);
	`);
	expect(said).toMatch(/^renewed\n/);
	expect(signal).toBe("SIGKILL");
});

test("a process that holds nothing any more is left alone, and ends by itself", async () => {
	const { said, signal, exitCode } = await run(`
		watchdog.heldUntil(clock.monotonic() + 1000);
		watchdog.heldUntil(Infinity);
		block(2000);
		say('done');
	`);
	expect({ said, signal, exitCode }).toEqual({ said: "done\n", signal: null, exitCode: 0 });
});

test("a process that was stopped as a whole is ended when it is let go on after its deadline", async () => {
	const code = `${prelude}const deadline = clock.monotonic() + 2000; watchdog.heldUntil(deadline); say(deadline); setInterval(() => {}, 1);`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "ignore", "pipe"] });
	const ended = once(child, "exit");
	const [deadline] = await once(child.stderr.setEncoding("utf8"), "data");
	child.kill("SIGSTOP");
	await until(
		async () => systemClock.monotonic(),
		(now) => now > Number(deadline),
	);
	child.kill("SIGCONT");
	expect(await ended).toEqual([null, "SIGKILL"]);
});
