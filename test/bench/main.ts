// Runs `npm run bench`: deploymill against the bare engine, case by case, in a sandbox that is taken down again if it was not up before.
import { parseArgs } from "node:util";
import { runCommand } from "../run/command.ts";
import { findSandbox, isSandboxUp, sandboxCli } from "../support/sandbox.ts";
import { deploy } from "./cases/deploy.ts";
import { history } from "./cases/history.ts";
import { idle } from "./cases/idle.ts";
import { large } from "./cases/large.ts";
import { many } from "./cases/many.ts";
import { refusals } from "./cases/refusals.ts";
import { rollback } from "./cases/rollback.ts";
import { start } from "./cases/start.ts";
import { swaps } from "./cases/swaps.ts";
import type { Case, Row } from "./row.ts";
import { asJson, asTable } from "./table.ts";

const cases: Case[] = [start, idle, history, rollback, deploy, refusals, swaps, many, large];
const minuteMs = 60_000;

const { values, positionals } = parseArgs({ options: { json: { type: "boolean", default: false } }, allowPositionals: true });

try {
	const chosen = choose(positionals);
	await mustDo("the build", ["npm", "run", "--silent", "build"], 5 * minuteMs);
	const rows = chosen.some(({ needsSandbox }) => needsSandbox) ? await inSandbox(() => runAll(chosen)) : await runAll(chosen);
	const engine = await findSandbox().then(
		({ engineVersion }) => engineVersion,
		() => undefined,
	);
	console.log(values.json ? asJson(rows, engine) : `\n${asTable(rows)}`);
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}

function choose(names: string[]): Case[] {
	const unknown = names.filter((name) => !cases.some((item) => item.name === name));
	if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(", ")}; there are ${cases.map(({ name }) => name).join(", ")}`);
	return names.length > 0 ? cases.filter(({ name }) => names.includes(name)) : cases;
}

/** stdout is for the result alone. */
async function runAll(chosen: Case[]): Promise<Row[]> {
	const rows: Row[] = [];
	for (const { name, run } of chosen) rows.push(...(await run((progress) => console.error(`${name}: ${progress}`))));
	return rows;
}

async function inSandbox(work: () => Promise<Row[]>): Promise<Row[]> {
	const wasUp = await isSandboxUp();
	if (!wasUp) await mustDo("the sandbox", [process.execPath, sandboxCli, "up"], 15 * minuteMs);
	try {
		return await work();
	} finally {
		if (!wasUp) await mustDo("taking the sandbox down", [process.execPath, sandboxCli, "down"], 2 * minuteMs);
	}
}

async function mustDo(what: string, command: string[], limitMs: number): Promise<void> {
	const { ok, because } = await runCommand(command, limitMs);
	if (!ok) throw new Error(`${what} failed: ${because}`);
}
