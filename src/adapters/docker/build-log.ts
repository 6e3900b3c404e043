// Tells BuildKit's progress in lines, as its plain progress does, and what step runs now. Pure.
import { BuildStep, isCancelled } from "./build-step.ts";
import type { BuildTrace, Vertex } from "./build-trace.ts";

/** A step that failed, for the error's message. */
export interface FailedStep {
	/** E.g. `[2/3] RUN npm ci`. Untrusted. */
	name: string;
	error: string;
}

/**
 * Takes BuildKit's messages in the order they come and tells lines: `#5 [2/3] RUN npm ci`, `#5 0.31 text`, `#5 CACHED`,
 * `#5 DONE 0.4s`, `#5 ERROR: why`. Steps run side by side, so each line says whose it is. Output that comes before its
 * step has a name waits for it.
 */
export class BuildLog {
	readonly #onStep: (name: string) => void;
	readonly #steps = new Map<string, BuildStep>();
	#count = 0;
	#failed: FailedStep | undefined;

	/** @param onStep is told the step that runs now */
	constructor(onStep: (name: string) => void) {
		this.#onStep = onStep;
	}

	/** The step that failed first, of those that did not only fail because another did. */
	get failed(): FailedStep | undefined {
		return this.#failed;
	}

	/** The lines to tell, one by one; the message is taken in when they have all been asked for. */
	*accept(trace: BuildTrace): Generator<string> {
		for (const vertex of trace.vertexes) yield* this.#step(vertex.digest).begin(vertex, () => ++this.#count);
		for (const status of trace.statuses) yield* this.#step(status.vertex).progress(status);
		for (const log of trace.logs) yield* this.#step(log.vertex).output(log);
		for (const warning of trace.warnings) yield* this.#step(warning.vertex).say(`WARN: ${warning.text}`);
		// Last, so that a step's output stands before its end when both come in one message.
		for (const vertex of trace.vertexes) yield* this.#end(vertex);
		this.#tellRunning(trace.vertexes);
	}

	/** Tells what still waits: the last line of a step that was cut short. */
	*finish(): Generator<string> {
		for (const step of this.#steps.values()) yield* step.flush();
	}

	#step(digest: string): BuildStep {
		const known = this.#steps.get(digest);
		if (known) return known;
		const step = new BuildStep();
		this.#steps.set(digest, step);
		return step;
	}

	*#end(vertex: Vertex): Generator<string> {
		yield* this.#step(vertex.digest).end(vertex);
		if (!vertex.error || isCancelled(vertex.error)) return;
		this.#failed ??= { name: vertex.name, error: vertex.error };
	}

	#tellRunning(changed: Vertex[]): void {
		const started = changed.some((vertex) => vertex.started !== undefined);
		const running = [...this.#steps.values()].findLast((step) => step.running);
		if (started && running?.name) this.#onStep(running.name);
	}
}
