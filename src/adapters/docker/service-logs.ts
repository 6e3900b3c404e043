// Reads a service's log: stdout and stderr of its tasks, in the order of time.
import PQueue from "p-queue";
import type { RuntimeLog, RuntimeLogLine, RuntimeLogSelection } from "../../engine/ports/runtime-logs.ts";
import { WorkSlices } from "../../event-loop.ts";
import type { ObservedTask } from "../../model/service.ts";
import { longestLogLine } from "../../untrusted.ts";
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";
import type { TaskLine } from "./task-lines.ts";
import { readTaskLog, type TaskLog } from "./task-log.ts";

/** Those that run, and those that ended last. */
const mostTasks = 50;
const tasksAtOnce = 4;
const mostBytes = 64 * 1024 * 1024;
const leastBytesOfTask = 2 * 1024 * 1024;
/** Characters that are cleaned, masked and searched, of the newest lines. */
const mostChars = 8 * 1024 * 1024;
/** A node that is down lets a manager wait for its logs for ever. */
const patienceMs = 15_000;
const patienceWithTaskMs = 8_000;

/**
 * The last lines of these tasks, newest tasks first. Each is asked for its own: the log of a service as a whole stands still on the
 * way, more often than not, when several tasks have much to tell (moby/moby#41733).
 * @throws docker_unreachable, EngineError when no task's log can be had; the signal's reason when it was aborted
 */
export async function readServiceLogs(
	client: DockerClient,
	tasks: ObservedTask[],
	selection: RuntimeLogSelection,
	signal?: AbortSignal,
): Promise<RuntimeLog> {
	const withLog = tasks.filter(({ containerId }) => containerId !== undefined);
	const chosen = inReach(withLog).slice(0, mostTasks);
	const deadline = AbortSignal.timeout(patienceMs);
	const logs = await readAll(client, chosen, selection, signal ? AbortSignal.any([deadline, signal]) : deadline);
	signal?.throwIfAborted();
	const [fault] = logs.flatMap((log) => log.fault ?? []);
	if (fault && logs.every((log) => log.fault)) throw fault;
	const lines = logs.flatMap((log) => log.lines.map((line): PrintedLine => ({ ...line, task: log.task, order: padded(line.head) })));
	const shown = newest(lines, selection.tail);
	const isAll = chosen.length === withLog.length && logs.every(({ isWhole }) => isWhole) && shown.length === lines.length;
	return { lines: await cleaned(client, shown), truncated: !isAll };
}

/** What runs comes first. */
function inReach(tasks: ObservedTask[]): ObservedTask[] {
	const ready = tasks.filter(({ nodeReady }) => nodeReady);
	const runs = ({ state }: ObservedTask) => state === "running";
	return [...ready.filter(runs), ...ready.filter((task) => !runs(task))];
}

interface ReadLog extends TaskLog {
	task: ObservedTask;
	/** Why there are no lines. */
	fault?: Error;
}

function readAll(client: DockerClient, tasks: ObservedTask[], selection: RuntimeLogSelection, deadline: AbortSignal): Promise<ReadLog[]> {
	const share = Math.max(leastBytesOfTask, mostBytes / tasks.length);
	const read = async (task: ObservedTask): Promise<ReadLog> => {
		const abortSignal = AbortSignal.any([deadline, AbortSignal.timeout(patienceWithTaskMs)]);
		try {
			return { task, ...(await readTaskLog(client, { ...selection, taskId: task.id, mostBytes: share, abortSignal })) };
		} catch (error) {
			const fault = client.translate(error);
			// Gone since the tasks were listed.
			return isEngineError(fault, 404) ? { task, lines: [], isWhole: true } : { task, lines: [], isWhole: false, fault };
		}
	};
	const queue = new PQueue({ concurrency: tasksAtOnce });
	return Promise.all(tasks.map((task) => queue.add(() => read(task))));
}

interface PrintedLine extends TaskLine<string> {
	task: ObservedTask;
	/** Texts of it are in the order of time. */
	order: string;
}

/** Go drops trailing zeros of a fraction, so only padded texts are in the order of time. */
function padded(time: string): string {
	const [, seconds = time, fraction = ""] = /^([^.Z]*)\.?(\d*)/.exec(time) ?? [];
	return `${seconds}.${fraction.padEnd(9, "0")}`;
}

function newest(lines: PrintedLine[], tail: number): PrintedLine[] {
	const inOrder = lines.toSorted((a, b) => compare(a.order, b.order)).slice(-tail);
	let chars = 0;
	const tooMuch = inOrder.findLastIndex(({ text }) => {
		chars += Math.min(text.length, longestLogLine);
		return chars > mostChars;
	});
	return inOrder.slice(tooMuch + 1);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}

async function cleaned(client: DockerClient, lines: PrintedLine[]): Promise<RuntimeLogLine[]> {
	const slices = new WorkSlices();
	const clean: RuntimeLogLine[] = [];
	for (const { head, stream, text, length, task } of lines) {
		const whole = text.length > longestLogLine ? { wholeLength: length } : {};
		const release = task.release ? { deploymentId: task.release.deploymentId } : {};
		clean.push({ timestamp: head, stream, taskId: task.id, ...release, node: task.node, text: client.untrusted.logLine(text), ...whole });
		await slices.pause();
	}
	return clean;
}
