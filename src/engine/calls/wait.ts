// Waits for a deployment's end. How long a call blocks has nothing to do with how long the deployment takes.
import type { Deployment } from "../../model/deployment.ts";
import { findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { settleAbandoned } from "../pipeline/settle.ts";

/** Also where nothing was recorded: whoever waits is told how long it takes. */
const lookEveryMs = 500;
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
	const { clock } = engine;
	const deadline = clock.monotonic() + seconds * 1000;
	let settledAt = Number.NEGATIVE_INFINITY;
	// Begun before the first look, so that nothing is missed in between.
	using changes = engine.recordChanges.watch();
	for (;;) {
		if (clock.monotonic() - settledAt >= settleEveryMs) {
			await settleAbandoned(engine);
			settledAt = clock.monotonic();
		}
		const deployment = findDeployment(engine.store, deploymentId);
		onLook?.(deployment);
		if (deployment.status !== "running" || clock.monotonic() >= deadline || signal?.aborted) return deployment;
		await changes.next(Math.min(lookEveryMs, Math.max(1, deadline - clock.monotonic())), signal);
	}
}
