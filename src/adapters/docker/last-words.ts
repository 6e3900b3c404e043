// Reads what a failed task left behind: exit code, health log and last output, as far as they can be had.
import { WorkSlices } from "../../event-loop.ts";
import type { FailedTask } from "../../model/deployment.ts";
import type { ObservedTask } from "../../model/service.ts";
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { readPieces } from "./multiplexed.ts";
import { spareEntries, TaskLines } from "./task-lines.ts";

/** A node that is down lets a manager wait for its logs for ever. */
const patienceMs = 3000;
const lastLines = 20;
const lastHealthRuns = 2;
const maxChars = 800;

/** Of the Engine API's container inspection, what is read here. */
interface RawContainer {
	Config?: { Healthcheck?: { Retries?: number } };
	State?: { Health?: { Status?: string; FailingStreak?: number; Log?: { ExitCode: number; Output: string }[] | null } };
}

/** Best effort, within three seconds. Never throws: what could not be had is said in the text. */
export async function readLastWords(client: DockerClient, task: ObservedTask): Promise<FailedTask> {
	const container = task.containerId ? inspectContainer(client, task.containerId) : Promise.resolve(undefined);
	const [unhealthy, healthLog, output] = await Promise.all([
		failedHealthCheck(container, task),
		inWords("health log", () => readHealthLog(container)),
		inWords("output", () => readOutput(client, task)),
	]);
	const fence = (source: string, text: string) => client.untrusted.fence(source, text, maxChars);
	return {
		taskId: task.id,
		node: task.node,
		state: task.state,
		...(task.exitCode !== undefined ? { exitCode: task.exitCode } : {}),
		...(task.error ? { error: fence("task error", task.error) } : {}),
		...(unhealthy ? { unhealthy: true as const } : {}),
		...(healthLog ? { healthLog: fence("health check", healthLog) } : {}),
		...(output ? { output: fence("task output", output) } : {}),
	};
}

const dockersRetries = 3;

/**
 * Whether the health check is what the container was stopped for. Docker also calls one unhealthy that ended by itself; only
 * the streak tells. Best effort: where it cannot be known, the exit code speaks for itself.
 */
async function failedHealthCheck(container: Promise<RawContainer | undefined>, task: ObservedTask): Promise<boolean> {
	if (/\bunhealthy container\b/.test(task.error ?? "")) return true;
	try {
		const { Config, State } = (await container) ?? {};
		return (State?.Health?.FailingStreak ?? 0) >= (Config?.Healthcheck?.Retries || dockersRetries);
	} catch {
		return false;
	}
}

/** What the container's own health check says. Undefined where it has none, and where the container is on another node. */
export async function readContainerHealth(client: DockerClient, task: ObservedTask): Promise<string | undefined> {
	if (!task.containerId) return undefined;
	const status = (await inspectContainer(client, task.containerId))?.State?.Health?.Status;
	return status === "none" ? undefined : status;
}

async function inWords(what: string, read: () => Promise<string | undefined>): Promise<string | undefined> {
	try {
		return await read();
	} catch (error) {
		return `(the ${what} could not be read: ${error instanceof Error ? error.message : String(error)})`;
	}
}

/** Undefined where there is no health check, and where the container is on another node: only its own engine knows. */
async function readHealthLog(container: Promise<RawContainer | undefined>): Promise<string | undefined> {
	const runs = (await container)?.State?.Health?.Log;
	return runs
		?.slice(-lastHealthRuns)
		.map((run) => `exit code ${run.ExitCode}: ${run.Output.trim() || "(no output)"}`)
		.join("\n");
}

async function inspectContainer(client: DockerClient, containerId: string): Promise<RawContainer | undefined> {
	try {
		const path = `/containers/${containerId}/json`;
		return await client.request<RawContainer>({ path, method: "GET", abortSignal: AbortSignal.timeout(patienceMs) });
	} catch (error) {
		if (isEngineError(error, 404)) return undefined;
		throw error;
	}
}

/** From the task's own node by way of the manager, else from the endpoint's engine, whichever has it. */
async function readOutput(client: DockerClient, task: ObservedTask): Promise<string | undefined> {
	if (!task.containerId) return undefined;
	const deadline = AbortSignal.timeout(patienceMs);
	try {
		return await tail(client, `/tasks/${task.id}/logs?`, deadline);
	} catch (error) {
		return await tail(client, `/containers/${task.containerId}/logs?`, deadline).catch(() => {
			// The container is not here: why the manager could not get at it is the better answer.
			throw error;
		});
	}
}

async function tail(client: DockerClient, path: string, abortSignal: AbortSignal): Promise<string> {
	const asked = lastLines + spareEntries;
	const options = { stdout: true, stderr: true, tail: asked };
	const output = new TaskLines<true>(asked);
	try {
		const source = await client.stream({ path, method: "GET", options, abortSignal });
		for await (const piece of readPieces(source)) output.push(piece, true);
	} catch (error) {
		// A manager keeps the stream open for a node that does not answer; what came until then counts.
		if (output.isEmpty) throw abortSignal.aborted ? new Error("the task's node gave none in time") : client.translate(error);
	}
	const slices = new WorkSlices();
	const words: string[] = [];
	for (const { text } of output.end().lines.slice(-lastLines)) {
		words.push(client.untrusted.logLine(text).slice(-maxChars));
		await slices.pause();
	}
	return words.join("\n");
}
