// Runs `npm test`: every stage one after another, in a sandbox that is taken down again if it was not up before.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSandboxUp, sandboxCli } from "../support/sandbox.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import { type Stage, stages } from "./stages.ts";
import { type Tally, tally } from "./tally.ts";

interface StageEnd extends Tally {
	name: string;
	seconds: number;
	because?: string;
}

const sandbox = (command: string) => [process.execPath, sandboxCli, command];

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stopped.abort());

const reports = await mkdtemp(join(tmpdir(), "deploymill-reports-"));
const sandboxWasUp = await isSandboxUp();
const ends: StageEnd[] = [];
try {
	for (const stage of stages) ends.push(await run(stage));
} finally {
	if (!sandboxWasUp) await runCommand(sandbox("down"), 2 * 60_000);
	await rm(reports, { recursive: true });
}
await conclude();

async function run(stage: Stage): Promise<StageEnd> {
	const { name } = stage;
	const missing = ends.find((end) => stage.needs?.includes(end.name) && end.failed > 0)?.name;
	const because = stopped.signal.aborted ? "the run was stopped" : missing && `${missing} failed`;
	if (because) return { name, seconds: 0, passed: 0, failed: 1, because };
	console.log(`\n=== ${name}`);
	const startedAt = performance.now();
	const report = join(reports, `${name}.json`);
	const end = await runCommand(commandOf(stage, report), stage.limitMinutes * 60_000, stopped.signal);
	const counts = stage.hasTests ? await tally(report, end.ok) : { passed: 0, failed: end.ok ? 0 : 1 };
	return { name, seconds: (performance.now() - startedAt) / 1000, ...counts, ...reason(end) };
}

function commandOf({ name, hasTests }: Stage, report: string): string[] {
	if (name === "sandbox") return sandbox("up");
	const reporters = ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
	return ["npm", "run", "--silent", name, ...(hasTests ? reporters : [])];
}

function reason({ because }: CommandEnd): { because?: string } {
	return because ? { because } : {};
}

/** Totals go to the file that a caller named, so that it can have the last word. */
async function conclude(): Promise<void> {
	console.log("\n=== summary");
	for (const { name, seconds, passed, failed, because } of ends) {
		const outcome = failed > 0 ? "FAILED" : "ok";
		const counts = passed + failed > 0 ? `${passed} passed, ${failed} failed` : "";
		console.log(
			`${name.padEnd(12)} ${outcome.padEnd(7)} ${seconds.toFixed(0).padStart(4)} s  ${[counts, because].filter(Boolean).join("; ")}`,
		);
	}
	const sum = (key: keyof Tally) => ends.reduce((total, end) => total + end[key], 0);
	const line = `${sum("passed")} passed, ${sum("failed")} failed`;
	const { TEST_TOTALS_FILE } = process.env;
	if (TEST_TOTALS_FILE) await writeFile(TEST_TOTALS_FILE, `${line}\n`);
	else console.log(`\n${line}`);
	process.exitCode = sum("failed") > 0 ? 1 : 0;
}
