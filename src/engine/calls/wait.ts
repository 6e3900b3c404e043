// Owns the waiting for a deployment's end: how long a call blocks has nothing to do with how long the deployment takes.
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../../model/deployment.ts";
import { findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { settleAbandoned } from "../pipeline/recovery.ts";

const lookEveryMs = 100;
const settleEveryMs = 2_000;

export interface WaitOptions {
	/** 0: one look. */
	seconds: number;
	/** Ends the wait, never the deployment. */
	signal?: AbortSignal | undefined;
	onLook?: (deployment: Deployment) => void;
}

/** The deployment as it is when it ends, or when the time or the caller's patience is over. */
export async function waitForEnd(engine: Engine, deploymentId: string, { seconds, signal, onLook }: WaitOptions): Promise<Deployment> {
	const deadline = Date.now() + seconds * 1000;
	let settledAt = 0;
	for (;;) {
		if (Date.now() - settledAt >= settleEveryMs) {
			await settleAbandoned(engine);
			settledAt = Date.now();
		}
		const deployment = findDeployment(engine.store, deploymentId);
		onLook?.(deployment);
		if (deployment.status !== "running" || Date.now() >= deadline || signal?.aborted) return deployment;
		await sleep(Math.min(lookEveryMs, Math.max(1, deadline - Date.now())), undefined, signal ? { signal } : undefined).catch(ignoreAbort);
	}
}

function ignoreAbort(error: unknown): void {
	if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
