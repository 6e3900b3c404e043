// Visits an app so many times a second, over kept-alive connections as browsers have them, and counts what was lost.
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";

const connections = 50;
const patienceMs = 20_000;

export class SteadyVisitors implements AsyncDisposable {
	visits = 0;
	/** Every request that did not end in a 200 with its whole body: when, and why. */
	readonly lost: string[] = [];
	readonly #pool: Pool;
	readonly #host: string;
	readonly #pending = new Set<Promise<void>>();
	readonly #walk: Promise<void>;
	#leaving = false;

	/** @param edgeAddress `host:port` of the ingress */
	constructor(edgeAddress: string, host: string, perSecond: number) {
		this.#pool = new Pool(`http://${edgeAddress}`, { connections, pipelining: 1, headersTimeout: patienceMs, bodyTimeout: patienceMs });
		this.#host = host;
		this.#walk = this.#come(1000 / perSecond);
	}

	async leave(): Promise<void> {
		this.#leaving = true;
		await this.#walk;
		await Promise.all(this.#pending);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.leave();
		await this.#pool.close();
	}

	/** By the clock, not by the last answer: one that is slow keeps no other away. */
	async #come(everyMs: number): Promise<void> {
		const began = performance.now();
		while (!this.#leaving) {
			const due = (performance.now() - began) / everyMs;
			while (this.visits < due) this.#visit();
			await pause(everyMs);
		}
	}

	#visit(): void {
		this.visits++;
		const visit = this.#ask()
			.catch((error: Error) => void this.lost.push(`${new Date().toISOString()} ${error.message}`))
			.finally(() => this.#pending.delete(visit));
		this.#pending.add(visit);
	}

	async #ask(): Promise<void> {
		const { statusCode, body } = await this.#pool.request({ method: "GET", path: "/", headers: { host: this.#host } });
		const text = await body.text();
		if (statusCode !== 200) throw new Error(`${statusCode} ${text}`);
	}
}
