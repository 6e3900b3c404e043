// Wakes those who wait for a service to change, as the event stream of an engine does for one client.
import type { VirtualClock } from "../virtual-clock.ts";
import type { Raft } from "./raft.ts";

export class Changes {
	readonly #clock: VirtualClock;
	readonly #waiters = new Set<{ serviceName: string; wake: () => void }>();
	/** Services that changed while nobody waited for them: their next waiter has something to look at already. */
	readonly #unseen = new Set<string>();

	constructor(clock: VirtualClock, raft: Raft) {
		this.#clock = clock;
		raft.hear((change) => {
			if (change.kind === "node") return this.#spread(undefined);
			const service = "service" in change ? change.service : raft.services.get(change.task.serviceId);
			if (service) this.#spread(service.spec.Name);
		});
	}

	async wait(serviceName: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
		if (signal?.aborted || this.#unseen.delete(serviceName)) return;
		const woken = new AbortController();
		const waiter = { serviceName, wake: () => woken.abort() };
		this.#waiters.add(waiter);
		signal?.addEventListener("abort", waiter.wake, { once: true });
		await this.#clock.sleep(timeoutMs, woken.signal);
		signal?.removeEventListener("abort", waiter.wake);
		this.#waiters.delete(waiter);
	}

	#spread(serviceName: string | undefined): void {
		const affected = [...this.#waiters].filter((waiter) => serviceName === undefined || waiter.serviceName === serviceName);
		for (const waiter of affected) waiter.wake();
		if (serviceName !== undefined && affected.length === 0) this.#unseen.add(serviceName);
	}
}
