// Owns the reading of an application's logs: the pipeline's own, and what its tasks print.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import { findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { filterLines, type LogLine, parseSince } from "./log-filter.ts";
import type { Level } from "./log-level.ts";

export interface LogsOrder {
	deploymentId?: string | undefined;
	source: "build" | "runtime";
	tail: number;
	grep?: string | undefined;
	level?: Level | undefined;
	since?: string | undefined;
}

export interface LogsAnswer {
	applicationId: string;
	source: "build" | "runtime";
	deploymentId?: string;
	/** How many lines `text` holds. */
	lines: number;
	truncated: boolean;
	/** Untrusted, fenced. */
	text: string;
}

/** Clients warn above some ten thousand tokens; this stays well below. */
const mostChars = 20_000;

/** Steps run side by side, so each is a source of its own. */
const buildStep = /^#\d+/;

/** With a filter, more is read than is shown. */
const readAtMost = 5_000;

/** @throws deployment_not_found, invalid_input, docker_unreachable */
export async function readLogs(engine: Engine, application: Application, order: LogsOrder): Promise<LogsAnswer> {
	const { applicationId } = application;
	// Known to the masking from here on, should the app print one.
	engine.store.readEnv(applicationId);
	const sinceMs = order.since === undefined ? undefined : parseSince(order.since, Date.now());
	const { lines, deploymentId } =
		order.source === "build"
			? await buildLines(engine, application, order.deploymentId)
			: await runtimeLines(engine, application, order, sinceMs);
	const filtered = filterLines(lines, { ...order, sinceMs });
	const shown = lastThatFit(filtered.lines);
	return {
		applicationId,
		source: order.source,
		...(deploymentId ? { deploymentId } : {}),
		lines: shown.length,
		truncated: filtered.truncated || shown.length < filtered.lines.length,
		text: engine.untrusted.fence(`${order.source} log`, shown.join("\n"), mostChars),
	};
}

/** Whole lines, the newest. */
function lastThatFit(lines: string[]): string[] {
	let chars = 0;
	const tooMuch = lines.findLastIndex((line) => {
		chars += line.length + 1;
		return chars > mostChars;
	});
	return lines.slice(tooMuch + 1);
}

async function buildLines(
	engine: Engine,
	{ applicationId }: Application,
	wanted: string | undefined,
): Promise<{ lines: LogLine[]; deploymentId?: string }> {
	const deployment =
		wanted === undefined ? engine.store.listDeployments(applicationId, 1)[0] : ownDeployment(engine, applicationId, wanted);
	if (!deployment) return { lines: [] };
	const { deploymentId } = deployment;
	let time: number | undefined;
	const lines = ((await engine.logs.read(deploymentId)) ?? []).map((text): LogLine => {
		// BuildKit's lines have no time of their own: they are as old as the line of ours before them.
		const [stamp] = /^\d{4}-\d\d-\d\dT\S+/.exec(text) ?? [];
		if (stamp) time = Date.parse(stamp);
		const source = buildStep.exec(text)?.[0] ?? "build";
		return { prefix: "", text, source, levelIfSilent: "info", ...(time === undefined ? {} : { time }) };
	});
	return { lines, deploymentId };
}

function ownDeployment(engine: Engine, applicationId: string, deploymentId: string) {
	const deployment = findDeployment(engine.store, deploymentId);
	if (deployment.applicationId === applicationId) return deployment;
	throw new DeploymillError("deployment_not_found", `deploymentId: ${deploymentId} is not a deployment of ${applicationId}.`);
}

/** With a deployment named, only the tasks that carry its release; Swarm must still remember them. */
async function runtimeLines(
	engine: Engine,
	{ applicationId }: Application,
	{ deploymentId, tail, grep, level }: LogsOrder,
	sinceMs: number | undefined,
): Promise<{ lines: LogLine[]; deploymentId?: string }> {
	if (deploymentId !== undefined) ownDeployment(engine, applicationId, deploymentId);
	const isFiltered = grep !== undefined || level !== undefined || deploymentId !== undefined;
	const sinceSeconds = sinceMs === undefined ? undefined : Math.max(0, (Date.now() - sinceMs) / 1000);
	const [logged, tasks] = await Promise.all([
		engine.runtimeLogs.read(applicationId, {
			tail: isFiltered ? readAtMost : tail + 1,
			...(sinceSeconds === undefined ? {} : { sinceSeconds }),
		}),
		deploymentId === undefined ? [] : engine.swarm.listTasks(applicationId),
	]);
	const ofRelease = new Set(tasks.filter(({ release }) => release?.deploymentId === deploymentId).map(({ id }) => id));
	const lines = logged
		.filter(({ taskId }) => deploymentId === undefined || ofRelease.has(taskId))
		.map(
			({ timestamp, node, taskId, stream, text }): LogLine => ({
				time: Date.parse(timestamp),
				prefix: `${timestamp.slice(0, 23)}Z ${node} ${taskId.slice(0, 8)} ${stream === "stderr" ? "err" : "out"} | `,
				text,
				source: `${taskId} ${stream}`,
				// What a runtime prints when it dies has no level, and goes to stderr.
				levelIfSilent: stream === "stderr" ? "error" : "info",
			}),
		);
	return deploymentId === undefined ? { lines } : { lines, deploymentId };
}
