// Listens to the engine's events over one connection, and wakes whoever waits for a service to change.
import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import type { DockerClient } from "./client.ts";
import { readJsonLines } from "./json-lines.ts";

/** Of the Engine API's event message, what is read here. */
interface EngineEvent {
	Type: string;
	Action: string;
	Actor?: { ID?: string; Attributes?: { name?: string; "com.docker.swarm.service.name"?: string } };
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;

/** Far more than end between a look and the next. */
const mostRemembered = 1_000;

/**
 * Opened by the first waiter and shared by all. Container events come from the endpoint's own node alone, and a broken
 * stream only makes waiters slower: their time-out is the ground truth. A stream that broke is opened again by the next
 * waiter once its pause is over, so nothing runs while nobody waits.
 */
export class ChangeEvents {
	readonly #client: DockerClient;
	readonly #log: Logger;
	readonly #waiters = new Set<{ serviceName: string; wake: () => void }>();
	/** Services that changed while nobody waited for them: their next waiter has something to look at already. */
	readonly #unseen = new Set<string>();
	readonly #ended = new Set<string>();
	#stream: IncomingMessage | undefined;
	#opening = false;
	#closed = false;
	#retryAt = 0;
	#pauseMs = firstRetryMs;

	constructor(client: DockerClient, log: Logger) {
		this.#client = client;
		this.#log = log;
	}

	/** Resolves on a change, after `timeoutMs`, when `signal` aborts, or on `close()`. Never rejects. */
	async wait(serviceName: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
		if (this.#closed || signal?.aborted || this.#unseen.delete(serviceName)) return;
		this.#open();
		const { promise, resolve } = Promise.withResolvers<void>();
		const waiter = { serviceName, wake: () => resolve() };
		const timer = setTimeout(waiter.wake, timeoutMs);
		signal?.addEventListener("abort", waiter.wake, { once: true });
		this.#waiters.add(waiter);
		await promise;
		this.#waiters.delete(waiter);
		signal?.removeEventListener("abort", waiter.wake);
		clearTimeout(timer);
	}

	/** A container of a service whose process was seen to end. Swarm shows its task to run for some 0.1 s after that. */
	hasEnded(containerId: string): boolean {
		return this.#ended.has(containerId);
	}

	close(): void {
		this.#closed = true;
		this.#stream?.destroy();
		for (const waiter of this.#waiters) waiter.wake();
	}

	#open(): void {
		if (this.#stream || this.#opening || Date.now() < this.#retryAt) return;
		this.#opening = true;
		this.#follow().catch((error: unknown) => {
			this.#retryAt = Date.now() + this.#pauseMs;
			this.#pauseMs = Math.min(this.#pauseMs * 2, longestRetryMs);
			if (!this.#closed) this.#log.debug({ err: error }, "docker events broke; waiting goes on by polling");
		});
	}

	/** Ends only by throwing: a stream of events has no end of its own. */
	async #follow(): Promise<never> {
		try {
			const filters = { type: ["service", "node", "container"] };
			this.#stream = await this.#client.stream({ path: "/events?", method: "GET", options: { filters: JSON.stringify(filters) } });
			this.#opening = false;
			if (this.#closed) this.#stream.destroy();
			for await (const event of readJsonLines<EngineEvent>(this.#stream)) {
				this.#pauseMs = firstRetryMs;
				this.#spread(event);
			}
			throw new Error("the stream of events ended");
		} finally {
			this.#opening = false;
			this.#stream = undefined;
			// What is not heard of any more may have been started again.
			this.#ended.clear();
		}
	}

	#spread(event: EngineEvent): void {
		// Docker tells of every run of a health check; what counts is its `health_status`.
		if (event.Action.startsWith("exec_")) return;
		const serviceName = event.Type === "node" ? undefined : affectedService(event);
		if (event.Type !== "node" && serviceName === undefined) return;
		if (event.Type === "container") this.#noteContainer(event);
		const affected = [...this.#waiters].filter((waiter) => serviceName === undefined || waiter.serviceName === serviceName);
		for (const waiter of affected) waiter.wake();
		if (serviceName !== undefined && affected.length === 0) this.#unseen.add(serviceName);
	}

	#noteContainer({ Action, Actor }: EngineEvent): void {
		const id = Actor?.ID;
		if (id === undefined) return;
		if (Action === "start") this.#ended.delete(id);
		if (Action !== "die") return;
		this.#ended.add(id);
		const [oldest] = this.#ended;
		if (this.#ended.size > mostRemembered && oldest !== undefined) this.#ended.delete(oldest);
	}
}

function affectedService(event: EngineEvent): string | undefined {
	const attributes = event.Actor?.Attributes;
	return event.Type === "service" ? attributes?.name : attributes?.["com.docker.swarm.service.name"];
}
