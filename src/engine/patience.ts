// Waits out faults that say nothing about a release: an engine that restarts, a Swarm without a leader, a database that is busy.
import { DeploymillError, errorMessage } from "../errors.ts";
import type { Clock } from "./ports/clock.ts";
import { LockLost } from "./ports/store.ts";
import { ServiceChanged } from "./ports/swarm.ts";

/** How long one and the same outage is waited out. After it the process gives up, and whoever looks next goes on. */
const outageMs = 600_000;

/** Between two attempts. */
const againAfterMs = 1_000;

/** Codes that tell of the way to an answer, not of an answer. */
const transientCodes = new Set(["docker_unreachable", "swarm_not_ready", "registry_unreachable"]);

/**
 * Whether the same question may be answered later: also by a database that is busy or full. An error without a code of ours is the engine's or the database's: it is
 * asked again, too, for nobody can tell. A lock that is lost, a service that was changed and our own refusals are answers.
 */
export function isTransient(error: unknown): boolean {
	if (error instanceof LockLost || error instanceof ServiceChanged) return false;
	return !(error instanceof DeploymillError) || transientCodes.has(error.code) || (error.code === "internal" && error.retryable);
}

export interface Patience {
	clock: Clock;
	/** Ends the waiting with its reason. */
	signal: AbortSignal;
	/** Told of every fault that is waited out. */
	onFault: (fault: unknown) => void;
}

/**
 * The answer to `ask`, which is asked again while its faults are transient: for `outageMs` without one answer.
 * @throws the signal's reason when aborted; what `ask` threw last
 */
export async function waitOut<T>({ clock, signal, onFault }: Patience, ask: () => T | Promise<T>): Promise<T> {
	const deadline = clock.monotonic() + outageMs;
	for (;;) {
		signal.throwIfAborted();
		try {
			return await ask();
		} catch (fault) {
			signal.throwIfAborted();
			if (!isTransient(fault) || clock.monotonic() >= deadline) throw fault;
			onFault(fault);
		}
		await clock.sleep(againAfterMs, signal);
	}
}

/** Patience that tells the deployment's log of every fault. @param what is done meanwhile, e.g. `waiting for Swarm` */
export function patienceTold(clock: Clock, { signal, say }: { signal: AbortSignal; say: (text: string) => void }, what: string): Patience {
	return { clock, signal, onFault: (fault) => say(`${what} (${faultWords(fault)})`) };
}

/** The words of a fault for a deployment's log: ours, or the bare fact that there was one. */
export function faultWords(fault: unknown): string {
	return fault instanceof DeploymillError ? `${fault.code}: ${errorMessage(fault)}` : "an answer that could not be read";
}
