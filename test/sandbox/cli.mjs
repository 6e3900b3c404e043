// Runs the sandbox's command line: `up`, `down`, `status`. stdout carries the answer, stderr the progress.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { removeSandbox } from "./down.mjs";
import { withLock } from "./lock.mjs";
import { say } from "./progress.mjs";
import { CannotRun, requireBasics } from "./requirements.mjs";
import { SUITES } from "./rootfs.mjs";
import { readState } from "./state.mjs";
import { description, problemsOf, summary } from "./status.mjs";
import { bringUp } from "./up.mjs";

const USAGE = `usage: npm run sandbox -- up [--nodes N] [--suite ${SUITES.join("|")}] [--json]
       npm run sandbox -- status [--json]
       npm run sandbox -- down`;

const MOST_NODES = 9;
const EXIT = { failed: 1, notStarted: 2 };

class UsageError extends Error {}

const commands = { up, down, status };

try {
	const { command, options } = readArguments();
	requireBasics();
	await commands[command](options);
} catch (error) {
	process.stderr.write(`sandbox: ${error.message}\n`);
	process.exitCode = error instanceof UsageError || error instanceof CannotRun ? EXIT.notStarted : EXIT.failed;
}

async function up({ nodes, suite, json }) {
	const state = await exclusively(() => bringUp({ nodes, suite }));
	print(state, json);
}

async function down() {
	await exclusively(removeSandbox);
	say("the sandbox is gone");
}

async function status({ json }) {
	const state = readState();
	const problems = await problemsOf(state);
	if (problems.length > 0) throw new Error(`${problems.join("; ")} (npm run sandbox -- up)`);
	print(state, json);
}

/** One `up` or `down` of a checkout at a time. The lock is on a folder that is there anyway, so nothing is left behind. */
function exclusively(work) {
	return withLock(dirname(fileURLToPath(import.meta.url)), "another up or down of this checkout", work);
}

function print(state, json) {
	process.stdout.write(`${json ? JSON.stringify(description(state)) : summary(state)}\n`);
}

function readArguments() {
	const { values, positionals } = parse();
	const [command, ...more] = positionals;
	if (!Object.hasOwn(commands, command ?? "") || more.length > 0) throw new UsageError(USAGE);
	if (command !== "up" && (values.nodes !== undefined || values.suite !== undefined)) throw new UsageError(USAGE);
	if (values.suite !== undefined && !SUITES.includes(values.suite)) throw new UsageError(`no suite ${values.suite}\n${USAGE}`);
	const nodes = values.nodes === undefined ? undefined : Number(values.nodes);
	if (nodes !== undefined && !(Number.isInteger(nodes) && nodes >= 1 && nodes <= MOST_NODES)) {
		throw new UsageError(`--nodes is from 1 to ${MOST_NODES}\n${USAGE}`);
	}
	return { command, options: { ...values, nodes } };
}

function parse() {
	try {
		const options = { nodes: { type: "string" }, suite: { type: "string" }, json: { type: "boolean", default: false } };
		return parseArgs({ options, allowPositionals: true });
	} catch (error) {
		throw new UsageError(`${error.message}\n${USAGE}`);
	}
}
