// Probes edges through the model's ingress: the Prober port of the model.
import type { EdgeAnswer, EdgeQuestion, Prober } from "../../../src/engine/ports/prober.ts";
import type { TransportFailure } from "../../../src/model/health.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Ingress, ModelAnswer } from "./ingress.ts";

const latencyMs = 5;

export class ModelProber implements Prober {
	/** Hosts that cannot be reached for now, and why. */
	readonly broken = new Map<string, Exclude<TransportFailure, "timeout">>();
	readonly #clock: VirtualClock;
	readonly #ingress: Ingress;

	constructor(clock: VirtualClock, ingress: Ingress) {
		this.#clock = clock;
		this.#ingress = ingress;
	}

	async probe({ url, path, method, asHost }: EdgeQuestion, timeoutMs: number, signal?: AbortSignal): Promise<EdgeAnswer> {
		const { hostname } = new URL(url);
		await this.#clock.sleep(latencyMs, signal);
		if (signal?.aborted) return { failure: "connect", error: "the probe was called off", latencyMs: 0 };
		const failure = this.broken.get(hostname);
		if (failure) return { failure, error: `no way to ${hostname}: ${failure}`, latencyMs };
		const answer = this.#ingress.ask(asHost ?? hostname, path);
		if (answer.from === "ingress" || answer.answer !== "hangs") return answerOf(answer, method);
		await this.#clock.sleep(timeoutMs, signal);
		return { failure: "timeout", error: "no answer came in time", latencyMs: timeoutMs };
	}
}

/** A 404 is the same whoever says it, as of a Go app behind Traefik. */
function answerOf(from: ModelAnswer, method: EdgeQuestion["method"]): EdgeAnswer {
	const status = from.from === "app" ? Number(from.answer) : from.status;
	const text = status === 404 ? "404 page not found" : `${status} of the ${from.from}`;
	const own = from.from === "app" ? from.headers : {};
	const heard = { headers: { "content-length": String(text.length), ...own }, body: method === "GET" ? text : "", bodyCut: false };
	return { status, latencyMs, heard };
}
