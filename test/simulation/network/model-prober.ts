// Probes edges through the model's ingress: the Prober port of the model.
import type { Prober } from "../../../src/engine/ports/prober.ts";
import type { ProbeResult, TransportFailure } from "../../../src/model/health.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { EdgeAnswer, Ingress } from "./ingress.ts";

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

	async probe(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult> {
		const { hostname, pathname } = new URL(url);
		await this.#clock.sleep(latencyMs, signal);
		if (signal?.aborted) return { failure: "connect", error: "the probe was called off", latencyMs: 0 };
		const failure = this.broken.get(hostname);
		if (failure) return { failure, error: `no way to ${hostname}: ${failure}`, latencyMs };
		const answer = this.#ingress.ask(hostname, pathname);
		if (answer.from === "ingress" || answer.answer !== "hangs") return resultOf(answer);
		await this.#clock.sleep(timeoutMs, signal);
		return { failure: "timeout", error: "no answer came in time", latencyMs: timeoutMs };
	}
}

function resultOf(answer: EdgeAnswer): ProbeResult {
	const status = answer.from === "app" ? Number(answer.answer) : answer.status;
	return { status, latencyMs, ...(status === 404 ? { signature: `404 of the ${answer.from}` } : {}) };
}
