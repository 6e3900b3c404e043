// Finds deploymill's worker processes for tests, which are children of nobody they know: read from /proc.
import { readdir, readFile } from "node:fs/promises";
import { standbyArgument } from "../../src/adapters/standby-worker.ts";
import { until } from "./until.ts";

export interface WorkerProcess {
	pid: number;
	deploymentId: string;
}

/** The workers that run on this data folder, and have a deployment. */
export async function workersOf(dataFolder: string): Promise<WorkerProcess[]> {
	return (await processesOf(dataFolder)).filter(({ deploymentId }) => deploymentId !== standbyArgument);
}

/** How many have begun on this data folder, and wait for the deployment that they are for. */
export async function countStandbys(dataFolder: string): Promise<number> {
	return (await processesOf(dataFolder)).filter(({ deploymentId }) => deploymentId === standbyArgument).length;
}

async function processesOf(dataFolder: string): Promise<WorkerProcess[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const found = await Promise.all(pids.map((pid) => readWorker(Number(pid), dataFolder)));
	return found.filter((worker) => worker !== undefined);
}

/** The worker of a deployment, as soon as it runs. */
export async function workerOf(dataFolder: string, deploymentId: string): Promise<WorkerProcess> {
	const workers = await until(
		() => workersOf(dataFolder),
		(seen) => seen.some((worker) => worker.deploymentId === deploymentId),
	);
	return workers.find((worker) => worker.deploymentId === deploymentId)!;
}

/** Undefined also for a process that ended meanwhile, or that is not ours to look at. */
async function readWorker(pid: number, dataFolder: string): Promise<WorkerProcess | undefined> {
	try {
		// A worker names its deployment in its title, which is one word to the kernel.
		const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split(/[\0 ]/);
		const deploymentId = command[command.indexOf("worker") + 1];
		if (!command.includes("worker") || !deploymentId) return undefined;
		const env = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0");
		return env.includes(`DEPLOYMILL_DATA_DIR=${dataFolder}`) ? { pid, deploymentId } : undefined;
	} catch {
		return undefined;
	}
}
