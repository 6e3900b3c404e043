import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { EarlyBaseline } from "../../../../src/engine/health/early-baseline.ts";
import type { EdgeAnswer, Prober } from "../../../../src/engine/ports/prober.ts";
import { application } from "../records.ts";
import { answer, untrusted } from "./probes.ts";

const settings = { ingress: { edgeScheme: "https" } } as ConstructorParameters<typeof EarlyBaseline>[0]["settings"];
const app = application({ domains: ["a.example"] });

/** An edge that answers when the test says so; what was asked is ended by its signal. */
class HeldEdge implements Prober {
	readonly signals: (AbortSignal | undefined)[] = [];
	readonly #answer = Promise.withResolvers<EdgeAnswer>();

	probe: Prober["probe"] = (_question, _timeoutMs, signal) => {
		this.signals.push(signal);
		return this.#answer.promise;
	};

	async answers(): Promise<void> {
		this.#answer.resolve(answer(503));
		await setImmediate();
	}

	async fails(): Promise<void> {
		this.#answer.reject(new Error("no sockets"));
		await setImmediate();
	}
}

test("what every edge has answered by then is a deployment's baseline", async () => {
	const edge = new HeldEdge();
	using early = new EarlyBaseline({ prober: edge, ids: randomIds, untrusted, settings }, app);
	await edge.answers();
	expect(early.facts).toEqual({ baseline: { "https://a.example": { result: { status: 503, latencyMs: 1 } } } });
});

test("what has not is not waited for, and is ended with the call", async () => {
	const edge = new HeldEdge();
	{
		using early = new EarlyBaseline({ prober: edge, ids: randomIds, untrusted, settings }, app);
		await setImmediate();
		expect(early.facts).toEqual({});
	}
	expect(edge.signals.length).toBeGreaterThan(0);
	expect(edge.signals.every((signal) => signal?.aborted)).toBe(true);
	await edge.answers();
});

test("a fault leaves it to the worker", async () => {
	const edge = new HeldEdge();
	using early = new EarlyBaseline({ prober: edge, ids: randomIds, untrusted, settings }, app);
	await edge.fails();
	expect(early.facts).toEqual({});
});
