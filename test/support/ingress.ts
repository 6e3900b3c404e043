// Sends requests through the sandbox's ingress, with the host name of an app, as a browser would.
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

export interface Page {
	status: number;
	body: string;
}

export class Ingress {
	readonly #hostname: string;
	readonly #port: number;

	/** @param edgeAddress `host:port` */
	constructor(edgeAddress: string) {
		const { hostname, port } = new URL(`http://${edgeAddress}`);
		this.#hostname = hostname;
		this.#port = Number(port || 80);
	}

	/** A new connection for each, as from a new visitor. */
	get(host: string, path = "/", method = "GET"): Promise<Page> {
		return new Promise((resolve, reject) => {
			const options = { hostname: this.#hostname, port: this.#port, path, method, headers: { host }, agent: false, timeout: 10_000 };
			const call = request(options, (response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => chunks.push(chunk));
				response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
				response.on("error", reject);
			});
			call.on("timeout", () => call.destroy(new Error(`${host}${path}: no answer in 10 s`)));
			call.on("error", reject);
			call.end();
		});
	}

	/** Body of a page that has to be there. */
	async read(host: string, path = "/"): Promise<string> {
		const { status, body } = await this.get(host, path);
		if (status !== 200) throw new Error(`${host}${path} answered ${status}: ${body}`);
		return body;
	}

	/** Visits the app all the time until disposed of. */
	visitors(host: string, path = "/"): Visitors {
		return new Visitors(() => this.get(host, path));
	}
}

export class Visitors implements AsyncDisposable {
	/** Bodies seen, in the order in which they first came. */
	readonly seen: string[] = [];
	/** Every answer that was not a 200. */
	readonly failures: string[] = [];
	visits = 0;
	#leaving = false;
	readonly #walk: Promise<void>;

	constructor(visit: () => Promise<Page>) {
		this.#walk = this.#come(visit);
	}

	async leave(): Promise<void> {
		this.#leaving = true;
		await this.#walk;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.leave();
	}

	async #come(visit: () => Promise<Page>): Promise<void> {
		while (!this.#leaving) {
			this.visits++;
			await visit().then(
				({ status, body }) => {
					if (status !== 200) this.failures.push(`${status} ${body}`);
					else if (!this.seen.includes(body)) this.seen.push(body);
				},
				(error: Error) => this.failures.push(error.message),
			);
			await pause(20);
		}
	}
}
