// Creates what a Docker host needs before deploymill can work on it: swarm, network, secret, service.
import { setTimeout as pause } from "node:timers/promises";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";

/** Of the Engine API's task, what is read here. */
interface RawTask {
	CreatedAt: string;
	Status: { State: string; Err?: string };
}

const pollMs = 200;
const lostStates = ["failed", "rejected", "complete", "shutdown", "orphaned"];

/** @param advertiseAddress undefined: Docker chooses, and refuses where it has several. Returns the node's id. */
export async function initSwarm(client: DockerClient, advertiseAddress: string | undefined): Promise<string> {
	const body = { ListenAddr: "0.0.0.0:2377", ...(advertiseAddress ? { AdvertiseAddr: advertiseAddress } : {}) };
	return create(client, "make a swarm", "/swarm/init", body, "Name the address that other nodes reach this one at: --advertise-addr.");
}

export async function createOverlayNetwork(client: DockerClient, name: string, labels: Record<string, string>): Promise<void> {
	const body = { Name: name, Driver: "overlay", Attachable: true, CheckDuplicate: true, Labels: labels };
	await create(client, `make the network ${name}`, "/networks/create", body);
}

/** Returns the secret's id. */
export async function createSecret(client: DockerClient, name: string, data: string, labels: Record<string, string>): Promise<string> {
	const body = { Name: name, Data: Buffer.from(data).toString("base64"), Labels: labels };
	return (await create<{ ID: string }>(client, `make the secret ${name}`, "/secrets/create", body)).ID;
}

export async function removeSecret(client: DockerClient, secretId: string): Promise<void> {
	await client.request({ path: `/secrets/${secretId}`, method: "DELETE" });
}

export async function createService(client: DockerClient, spec: { Name: string }): Promise<void> {
	await create(client, `make the service ${spec.Name}`, "/services/create", spec);
}

/**
 * Waits until the service's newest task runs.
 * @throws swarm_not_ready with the task's own error where it ends, or does not come to run in time
 */
export async function waitForTask(client: DockerClient, serviceName: string, timeoutMs: number): Promise<void> {
	const deadline = Date.now() + timeoutMs;
	const filters = JSON.stringify({ service: [serviceName] });
	for (;;) {
		const tasks = await client.request<RawTask[]>({ path: "/tasks?", method: "GET", options: { filters } });
		const newest = tasks.sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt))[0]?.Status;
		if (newest?.State === "running") return;
		const lost = tasks.find(({ Status }) => lostStates.includes(Status.State))?.Status;
		if (lost || Date.now() > deadline) throw notRunning(client, serviceName, lost ?? newest);
		await pause(pollMs);
	}
}

function notRunning(client: DockerClient, serviceName: string, status: RawTask["Status"] | undefined): DeploymillError {
	const why = status?.Err ? `: ${client.untrusted.line(status.Err)}` : "";
	return new DeploymillError(
		"swarm_not_ready",
		`The service ${serviceName} does not run (its task is ${status?.State ?? "not there"}${why}).`,
		{
			hint: `See docker service ps --no-trunc ${serviceName} and docker service logs ${serviceName}; remove the service (docker service rm ${serviceName}) and run init again.`,
		},
	);
}

async function create<T>(client: DockerClient, what: string, path: string, body: object, hint?: string): Promise<T> {
	try {
		return await client.request<T>({ path, method: "POST", options: { ...body } });
	} catch (cause) {
		if (!isEngineError(cause)) throw cause;
		throw new DeploymillError("swarm_not_ready", `Docker refused to ${what}: ${cause.said}`, { cause, ...(hint ? { hint } : {}) });
	}
}
