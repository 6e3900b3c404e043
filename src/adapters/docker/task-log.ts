// Reads the log of one task, from its own node by way of the manager.
import { WorkSlices } from "../../event-loop.ts";
import type { DockerClient } from "./client.ts";
import { readPieces } from "./multiplexed.ts";
import { largestEntry, spareEntries, type TaskLine, TaskLines } from "./task-lines.ts";

export interface TaskLogOrder {
	taskId: string;
	/** Lines. */
	tail: number;
	sinceSeconds?: number;
	mostBytes: number;
	abortSignal: AbortSignal;
}

/** Each with its time: ISO 8601, as exact as Docker gives it. */
export interface TaskLog {
	lines: TaskLine<string>[];
	/** The task printed nothing before these, and they are all. */
	isWhole: boolean;
}

/**
 * The last lines. A task that printed more than `mostBytes` in them is asked again, for what fits: what counts is the end, and it
 * comes last. @throws docker_unreachable, EngineError when nothing came
 */
export async function readTaskLog(client: DockerClient, order: TaskLogOrder): Promise<TaskLog> {
	const fitting = Math.max(spareEntries + 1, Math.floor(order.mostBytes / largestEntry));
	return (
		(await readEntries(client, order, order.tail + spareEntries)) ??
		(await readEntries(client, { ...order, mostBytes: Number.POSITIVE_INFINITY }, fitting)) ?? { lines: [], isWhole: false }
	);
}

/** Undefined where there are more bytes than are to be read. */
async function readEntries(client: DockerClient, order: TaskLogOrder, asked: number): Promise<TaskLog | undefined> {
	const { taskId, sinceSeconds, mostBytes, abortSignal } = order;
	const since = sinceSeconds === undefined ? {} : { since: Math.floor(Date.now() / 1000 - sinceSeconds) };
	const options = { stdout: true, stderr: true, timestamps: true, tail: asked, ...since };
	const log = new TaskLines<string>(asked);
	const slices = new WorkSlices();
	let bytes = 0;
	let hasBroken = false;
	try {
		const source = await client.stream({ path: `/tasks/${taskId}/logs?`, method: "GET", options, abortSignal });
		for await (const piece of readPieces(source)) {
			bytes += piece.bytes.length;
			// Leaving the stream closes it.
			if (bytes > mostBytes) return undefined;
			const [prefix = "", timestamp = ""] = entryTime.exec(piece.bytes.toString("latin1", 0, 40)) ?? [];
			log.push({ ...piece, bytes: piece.bytes.subarray(prefix.length) }, timestamp);
			await slices.pause();
		}
	} catch (error) {
		// A manager keeps the stream open for a node that does not answer; what came until then counts.
		if (log.isEmpty) throw client.translate(error);
		hasBroken = true;
	}
	const { lines, isWhole } = log.end();
	return { lines, isWhole: isWhole && !hasBroken };
}

/** Stands before every entry of a line. */
const entryTime = /^(\d{4}-\S+) /;
