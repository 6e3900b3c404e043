// Owns the telling of one step of a build: its number once it began, its output, its end. Pure.
import type { Vertex, VertexLog, VertexStatus } from "./build-trace.ts";
import { LineCutter, longestLine } from "./line-cutter.ts";

/** One of BuildKit's vertices, as its messages come. */
export class BuildStep {
	readonly #tell: (text: string) => void;
	/** Said before the step had a name. */
	#waiting: string[] = [];
	#number: number | undefined;
	#started: number | undefined;
	#completed: number | undefined;
	readonly #done = new Set<string>();
	readonly #lines = new Map<number, LineCutter>();
	name = "";

	constructor(tell: (text: string) => void) {
		this.#tell = tell;
	}

	get running(): boolean {
		return this.#started !== undefined && this.#completed === undefined;
	}

	/** A vertex that only waits for its inputs has no number yet: numbers follow the order of starting. */
	begin(vertex: Vertex, nextNumber: () => number): void {
		this.name = cut(oneLine(vertex.name)) || this.name;
		this.#started ??= vertex.started;
		if (this.#number !== undefined || !this.name || !hasBegun(vertex)) return;
		this.#number = nextNumber();
		this.say(this.name);
		for (const text of this.#waiting.splice(0)) this.say(text);
	}

	output(log: VertexLog): void {
		const lines = this.#lines.get(log.stream) ?? new LineCutter();
		this.#lines.set(log.stream, lines);
		for (const text of lines.push(log.bytes)) this.#sayAt(log.time, text);
	}

	progress(status: VertexStatus): void {
		if (status.completed === undefined || this.#done.has(status.id)) return;
		this.#done.add(status.id);
		this.say(`${status.id}${status.started === undefined ? "" : ` ${(status.completed - status.started).toFixed(1)}s`} done`);
	}

	end(vertex: Vertex): void {
		// BuildKit may run a step again for another that needs it; that it is done is told once.
		if (vertex.completed === undefined || vertex.completed === this.#completed) return;
		if (this.#completed !== undefined && !vertex.error) return;
		this.#completed = vertex.completed;
		this.flush();
		this.say(endOf(vertex));
	}

	flush(): void {
		for (const lines of this.#lines.values()) for (const text of lines.end()) this.say(text);
	}

	say(text: string): void {
		if (this.#number === undefined) this.#waiting.push(text);
		else this.#tell(`#${this.#number} ${cut(text)}`);
	}

	#sayAt(time: number, text: string): void {
		this.say(this.#started === undefined ? text : `${Math.max(0, time - this.#started).toFixed(2)} ${text}`);
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
	return text.replace(/\s+/g, " ").trim();
}

function cut(text: string): string {
	return text.length > longestLine ? `${text.slice(0, longestLine)}… [cut]` : text;
}
