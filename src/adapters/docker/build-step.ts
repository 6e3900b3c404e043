// Tells one step of a build: its number once it began, its output, its end. Pure.

import { longestLogLine } from "../../untrusted.ts";
import type { Vertex, VertexLog, VertexStatus } from "./build-trace.ts";
import { LineCutter } from "./line-cutter.ts";

/** Lines that may wait for their step's name. */
const mostWaiting = 1000;

/** One of BuildKit's vertices, as its messages come. Its methods give the lines to tell one by one, so that none holds a caller up. */
export class BuildStep {
	/** Said before the step had a name. */
	#waiting: string[] = [];
	#number: number | undefined;
	#started: number | undefined;
	#completed: number | undefined;
	readonly #done = new Set<string>();
	readonly #lines = new Map<number, LineCutter>();
	name = "";

	get running(): boolean {
		return this.#started !== undefined && this.#completed === undefined;
	}

	/** A vertex that only waits for its inputs has no number yet: numbers follow the order of starting. */
	*begin(vertex: Vertex, nextNumber: () => number): Generator<string> {
		this.name = oneLine(vertex.name) || this.name;
		this.#started ??= vertex.started;
		if (this.#number !== undefined || !this.name || !hasBegun(vertex)) return;
		this.#number = nextNumber();
		yield* this.say(this.name);
		for (const text of this.#waiting.splice(0)) yield* this.say(text);
	}

	*output(log: VertexLog): Generator<string> {
		const lines = this.#lines.get(log.stream) ?? new LineCutter();
		this.#lines.set(log.stream, lines);
		for (const text of lines.push(log.bytes)) yield* this.#sayAt(log.time, text);
	}

	*progress(status: VertexStatus): Generator<string> {
		if (status.completed === undefined || this.#done.has(status.id)) return;
		this.#done.add(status.id);
		yield* this.say(`${status.id}${status.started === undefined ? "" : ` ${(status.completed - status.started).toFixed(1)}s`} done`);
	}

	*end(vertex: Vertex): Generator<string> {
		// BuildKit may run a step again for another that needs it; that it is done is told once.
		if (vertex.completed === undefined || vertex.completed === this.#completed) return;
		if (this.#completed !== undefined && !vertex.error) return;
		this.#completed = vertex.completed;
		yield* this.flush();
		yield* this.say(endOf(vertex));
	}

	*flush(): Generator<string> {
		for (const lines of this.#lines.values()) for (const text of lines.end()) yield* this.say(text);
	}

	*say(text: string): Generator<string> {
		if (this.#number !== undefined) yield `#${this.#number} ${bounded(text)}`;
		else if (this.#waiting.length < mostWaiting) this.#waiting.push(bounded(text));
	}

	#sayAt(time: number, text: string): Generator<string> {
		return this.say(this.#started === undefined ? text : `${Math.max(0, time - this.#started).toFixed(2)} ${text}`);
	}
}

/** What comes from the cache, or fails at once, is never reported as started. */
function hasBegun(vertex: Vertex): boolean {
	return vertex.started !== undefined || vertex.cached || vertex.error !== undefined;
}

function endOf(vertex: Vertex): string {
	if (vertex.error) return isCancelled(vertex.error) ? "CANCELED" : `ERROR: ${oneLine(vertex.error)}`;
	if (vertex.cached) return "CACHED";
	return `DONE ${((vertex.completed ?? 0) - (vertex.started ?? vertex.completed ?? 0)).toFixed(1)}s`;
}

export function isCancelled(error: string): boolean {
	return /context canceled$/.test(error);
}

function oneLine(text: string): string {
	return bounded(text).replace(/\s+/g, " ").trim();
}

/** One character more than a line may have, by which it is known to be cut. It is masked before it is cut to what is shown. */
function bounded(text: string): string {
	return text.slice(0, longestLogLine + 1);
}
