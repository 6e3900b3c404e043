// Sends requests as many visitors do: always in flight, over kept-alive connections as browsers have them.
import { Pool } from "undici";

export class Crowd implements AsyncDisposable {
	/** Answers by body. */
	readonly bodies = new Map<string, number>();
	/** Every request that did not end in a 200 with its whole body: when, and why. */
	readonly failures: string[] = [];
	readonly #pool: Pool;
	readonly #walks: Promise<void>[];
	#leaving = false;

	/** @param edgeAddress `host:port` of the ingress @param size how many requests are in flight at any time */
	constructor(edgeAddress: string, host: string, size: number) {
		this.#pool = new Pool(`http://${edgeAddress}`, { connections: size, pipelining: 1, headersTimeout: 20_000, bodyTimeout: 20_000 });
		this.#walks = Array.from({ length: size }, () => this.#come(host));
	}

	/** How many were answered well. */
	get served(): number {
		return [...this.bodies.values()].reduce((sum, count) => sum + count, 0);
	}

	async leave(): Promise<void> {
		this.#leaving = true;
		await Promise.all(this.#walks);
		await this.#pool.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#leaving) await this.leave();
	}

	async #come(host: string): Promise<void> {
		while (!this.#leaving) {
			try {
				const { statusCode, body } = await this.#pool.request({ method: "GET", path: "/", headers: { host } });
				const text = await body.text();
				if (statusCode === 200) this.bodies.set(text, (this.bodies.get(text) ?? 0) + 1);
				else this.#fail(`${statusCode} ${text}`);
			} catch (error) {
				this.#fail(error instanceof Error ? error.message : String(error));
			}
		}
	}

	#fail(what: string): void {
		this.failures.push(`${new Date().toISOString()} ${what}`);
	}
}
