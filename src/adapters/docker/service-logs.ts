// Owns the reading of a service's log: stdout and stderr of all its tasks, in the order of time.
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { type OutputLine, readLines } from "./multiplexed.ts";

export interface ServiceLogLine {
	/** ISO 8601, as exact as Docker gives it. */
	timestamp: string;
	stream: "stdout" | "stderr";
	taskId: string;
	nodeId: string;
	/** Cleaned and masked, not fenced. Untrusted. */
	text: string;
}

export interface LogSelection {
	/** Lines, over all tasks. */
	tail: number;
	sinceSeconds?: number;
}

/** A node that is down lets a manager wait for its logs for ever. */
const patienceMs = 15_000;

/** The last lines, oldest first; none where the service is gone. @throws docker_unreachable, EngineError */
export async function readServiceLogs(client: DockerClient, serviceName: string, selection: LogSelection): Promise<ServiceLogLine[]> {
	const since = selection.sinceSeconds === undefined ? {} : { since: Math.floor(Date.now() / 1000 - selection.sinceSeconds) };
	// Docker's `tail` is one of each task, so there may be more than asked for.
	const options = { stdout: true, stderr: true, timestamps: true, details: true, tail: selection.tail, ...since };
	const path = `/services/${encodeURIComponent(serviceName)}/logs?`;
	const lines: ServiceLogLine[] = [];
	try {
		const source = await client.stream({ path, method: "GET", options, abortSignal: AbortSignal.timeout(patienceMs) });
		for await (const line of readLines(source)) lines.push(parseLine(client, line));
	} catch (error) {
		const fault = client.translate(error);
		if (isEngineError(fault, 404)) return [];
		if (lines.length === 0) throw fault;
	}
	return lines.toSorted((a, b) => compareTimes(a.timestamp, b.timestamp)).slice(-selection.tail);
}

/** `TIME com.docker.swarm.node.id=…,com.docker.swarm.service.id=…,com.docker.swarm.task.id=… TEXT` */
function parseLine(client: DockerClient, { stream, text }: OutputLine): ServiceLogLine {
	const [, timestamp = "", details = "", rest = text] = /^(\d{4}-\S+) (\S*) ?(.*)$/s.exec(text) ?? [];
	const detail = new URLSearchParams(details.replaceAll(",", "&"));
	return {
		timestamp,
		stream,
		taskId: detail.get("com.docker.swarm.task.id") ?? "",
		nodeId: detail.get("com.docker.swarm.node.id") ?? "",
		text: client.untrusted.clean(rest),
	};
}

/** Go drops trailing zeros of a fraction, so only padded texts are in the order of time. */
function compareTimes(a: string, b: string): number {
	const [left, right] = [padded(a), padded(b)];
	return left < right ? -1 : Number(left > right);
}

function padded(time: string): string {
	const [, seconds = time, fraction = ""] = /^([^.Z]*)\.?(\d*)/.exec(time) ?? [];
	return `${seconds}.${fraction.padEnd(9, "0")}`;
}
