// Owns a worker's hold on its application: renews the lock, hears of a cancel, and ends the work when the lock is gone.
import type { Deployment } from "../../model/deployment.ts";
import type { Clock } from "../ports/clock.ts";
import { LockLost, type Store } from "../ports/store.ts";
import { leaseMs, renewEveryMs } from "./lease-times.ts";

const lookForCancelEveryMs = 200;

export class Lease implements Disposable {
	readonly #store: Store;
	readonly #deployment: Deployment;
	readonly #owner: string;
	readonly #abort = new AbortController();
	readonly #timers: Disposable[];

	/** @throws LockLost when somebody else keeps the lock already */
	constructor(store: Store, deployment: Deployment, owner: string, clock: Clock) {
		this.#store = store;
		this.#deployment = deployment;
		this.#owner = owner;
		store.renewLock(deployment.applicationId, deployment.deploymentId, owner, leaseMs);
		this.#timers = [clock.every(renewEveryMs, () => this.#renew()), clock.every(lookForCancelEveryMs, () => this.#lookForCancel())];
	}

	/** Aborted with LockLost, or with a plain reason for a cancel that came before the swap. */
	get signal(): AbortSignal {
		return this.#abort.signal;
	}

	get lost(): boolean {
		return this.signal.reason instanceof LockLost;
	}

	stop(): void {
		for (const timer of this.#timers) timer[Symbol.dispose]();
	}

	[Symbol.dispose](): void {
		this.stop();
	}

	#renew(): void {
		try {
			this.#store.renewLock(this.#deployment.applicationId, this.#deployment.deploymentId, this.#owner, leaseMs);
		} catch (error) {
			// A database that is busy or full for a moment is tried again; a lock that is another's is not.
			if (error instanceof LockLost) this.#abort.abort(error);
		}
	}

	#lookForCancel(): void {
		const { cancelRequested, phase } = this.#store.findDeployment(this.#deployment.deploymentId) ?? {};
		const cancellable = phase === "queued" || phase === "checkout" || phase === "build" || phase === "push";
		if (cancelRequested && cancellable) this.#abort.abort(new Error("cancelled"));
	}
}
