// Reads an application's logs: the pipeline's own, and what its tasks print.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import { findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import type { DeploymentLogLine } from "../ports/deployment-logs.ts";
import type { RuntimeLogLine } from "../ports/runtime-logs.ts";
import { filterLines, type LogLine, parseSince, type ShownLine } from "./log-filter.ts";
import type { Level } from "./log-level.ts";

export interface LogsOrder {
	deploymentId?: string | undefined;
	source: "build" | "runtime";
	tail: number;
	grep?: string | undefined;
	level?: Level | undefined;
	since?: string | undefined;
	/** The caller's. */
	signal?: AbortSignal | undefined;
}

export interface LogsAnswer {
	applicationId: string;
	source: "build" | "runtime";
	deploymentId?: string;
	/** How many lines `text` holds. */
	lines: number;
	truncated: boolean;
	/** Words of builds and apps are untrusted, and fenced. Between the fences stand lines of our own. */
	text: string;
}

/** Clients warn above some ten thousand tokens; this stays well below. */
const mostChars = 20_000;

/** Steps run side by side, so each is a source of its own. */
const buildStep = /^#\d+/;

/** With a filter, more lines are read than are shown. */
const filteredLines = { build: 50_000, runtime: 5_000 };

/** @throws deployment_not_found, invalid_input, docker_unreachable; the signal's reason when it was aborted */
export async function readLogs(engine: Engine, application: Application, order: LogsOrder): Promise<LogsAnswer> {
	const { applicationId } = application;
	// Known to the masking from here on, should the app print one.
	engine.store.readEnv(applicationId);
	const sinceMs = order.since === undefined ? undefined : parseSince(order.since, engine.clock.now());
	const { lines, deploymentId, truncated } = await (order.source === "build" ? buildLines : runtimeLines)(
		engine,
		application,
		order,
		sinceMs,
	);
	const filtered = await filterLines(lines, { ...order, sinceMs, clock: engine.clock });
	const shown = lastThatFit(filtered.lines);
	return {
		applicationId,
		source: order.source,
		...(deploymentId ? { deploymentId } : {}),
		lines: shown.length,
		truncated: truncated || filtered.truncated || shown.length < filtered.lines.length,
		text: inFences(engine, `${order.source} log`, shown),
	};
}

/** Lines that are not ours stand in fences, as many together as follow each other. */
function inFences({ untrusted }: Engine, source: string, lines: ShownLine[]): string {
	const fence = (texts: string[]) => untrusted.fence(source, texts.join("\n"), mostChars);
	if (lines.length === 0) return fence([]);
	const parts: string[] = [];
	for (let at = 0; at < lines.length; ) {
		const { own } = lines[at] as ShownLine;
		const end = lines.findIndex((line, index) => index > at && line.own !== own);
		const run = lines.slice(at, end < 0 ? lines.length : end).map(({ text }) => text);
		parts.push(own ? run.join("\n") : fence(run));
		at += run.length;
	}
	return parts.join("\n");
}

interface Lines {
	lines: AsyncIterable<LogLine> | Iterable<LogLine>;
	deploymentId?: string;
	/** There are, or may be, earlier lines that were not read. */
	truncated: boolean;
}

/** As many as are wanted, where no filter drops some of them. */
function linesToRead({ source, tail, grep, level, since }: LogsOrder): number {
	return (grep ?? level ?? since) === undefined ? tail : filteredLines[source];
}

/** Whole lines, the newest. */
function lastThatFit(lines: ShownLine[]): ShownLine[] {
	let chars = 0;
	const tooMuch = lines.findLastIndex(({ text }) => {
		chars += text.length + 1;
		return chars > mostChars;
	});
	return lines.slice(tooMuch + 1);
}

async function buildLines(engine: Engine, { applicationId }: Application, order: LogsOrder): Promise<Lines> {
	const deployment =
		order.deploymentId === undefined
			? engine.store.listDeployments(applicationId, 1)[0]
			: ownDeployment(engine, applicationId, order.deploymentId);
	if (!deployment) return { lines: [], truncated: false };
	const { deploymentId } = deployment;
	const { lines, truncated } = (await engine.logs.read(deploymentId, linesToRead(order))) ?? { lines: [], truncated: false };
	return { lines: toLogLines(engine, lines), deploymentId, truncated };
}

/** One by one, since each is masked with the secrets that are known by now. */
function* toLogLines({ untrusted }: Engine, stored: DeploymentLogLine[]): Generator<LogLine> {
	// BuildKit's lines have no time of their own: they are as old as the line of ours before them.
	let time = timeOf(stored.find(({ text }) => timeOf(text) !== undefined)?.text ?? "");
	for (const line of stored) {
		const text = untrusted.logLine(line.text);
		time = timeOf(text) ?? time;
		const source = buildStep.exec(text)?.[0] ?? "build";
		yield { prefix: "", text, own: line.own, source, levelIfSilent: "info", ...(time === undefined ? {} : { time }) };
	}
}

function timeOf(line: string): number | undefined {
	const [stamp] = /^\d{4}-\d\d-\d\dT\S{1,30}/.exec(line) ?? [];
	return stamp === undefined ? undefined : Date.parse(stamp);
}

function ownDeployment(engine: Engine, applicationId: string, deploymentId: string) {
	const deployment = findDeployment(engine.store, deploymentId);
	if (deployment.applicationId === applicationId) return deployment;
	throw new DeploymillError("deployment_not_found", `deploymentId: ${deploymentId} is not a deployment of ${applicationId}.`);
}

/** With a deployment named, only the tasks that carry the release it left running; Swarm must still remember them. */
async function runtimeLines(engine: Engine, { applicationId }: Application, order: LogsOrder, sinceMs: number | undefined): Promise<Lines> {
	const asked = order.deploymentId === undefined ? undefined : ownDeployment(engine, applicationId, order.deploymentId);
	// Where nothing was swapped, the tasks that run on are those of the release before.
	const deploymentId = asked?.runsOn ?? asked?.deploymentId;
	const sinceSeconds = sinceMs === undefined ? undefined : Math.max(0, (engine.clock.now() - sinceMs) / 1000);
	const selection = {
		tail: linesToRead(order),
		...(sinceSeconds === undefined ? {} : { sinceSeconds }),
		...(deploymentId === undefined ? {} : { deploymentId }),
	};
	const { lines, truncated } = await engine.runtimeLogs.read(applicationId, selection, order.signal);
	const releaseWords = releaseNamer(engine);
	return {
		lines: lines.map((line) => toLogLine(line, releaseWords(line.deploymentId))),
		...(deploymentId === undefined ? {} : { deploymentId }),
		truncated,
	};
}

/** Each line names the release that printed it: its deployment, and its commit where that is recorded. Asked once for each. */
function releaseNamer({ store }: Engine): (deploymentId: string | undefined) => string {
	const known = new Map<string, string>();
	return (deploymentId) => {
		if (deploymentId === undefined) return "";
		const words =
			known.get(deploymentId) ??
			` ${[deploymentId, store.findDeployment(deploymentId)?.commit?.sha.slice(0, 7)].filter(Boolean).join(" ")}`;
		known.set(deploymentId, words);
		return words;
	};
}

function toLogLine({ timestamp, node, taskId, stream, text, wholeLength }: RuntimeLogLine, release: string): LogLine {
	return {
		time: Date.parse(timestamp),
		prefix: `${timestamp.slice(0, 23)}Z ${node} ${taskId.slice(0, 8)}${release} ${stream === "stderr" ? "err" : "out"} | `,
		task: taskId,
		text,
		...(wholeLength === undefined ? {} : { wholeLength }),
		source: `${taskId} ${stream}`,
		// What a runtime prints when it dies has no level, and goes to stderr.
		levelIfSilent: stream === "stderr" ? "error" : "info",
	};
}
