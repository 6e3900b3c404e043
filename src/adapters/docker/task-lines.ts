// Puts the entries of one task's log together to lines. Pure.
import { type JoinedLine, LineJoiner } from "./line-joiner.ts";
import type { OutputStream, Piece } from "./multiplexed.ts";

export interface TaskLine<Head> {
	/** What came with the line's first entry, e.g. its time. */
	head: Head;
	stream: OutputStream;
	/** Untrusted as printed; the beginning of a line that is too long. */
	text: string;
	/** Of the whole line, in bytes. */
	length: number;
}

/**
 * Docker's `tail` counts entries, so what it sends may begin in the middle of a line, and of a secret. To be asked for beyond the
 * lines that are wanted: a stream that first speaks within these may have begun before them, and its first line is left out.
 */
export const spareEntries = 64;

/** Of an entry in bytes, with its time before it. */
export const largestEntry = 16 * 1024 + 64;

export class TaskLines<Head> {
	readonly #asked: number;
	readonly #lines: (TaskLine<Head> & { mayLackBeginning: boolean })[] = [];
	readonly #streams = new Map<OutputStream, StreamState<Head>>();
	#entries = 0;

	/** @param asked entries that Docker was asked for, `spareEntries` among them */
	constructor(asked: number) {
		this.#asked = asked;
	}

	push({ stream, bytes, endsLine }: Piece, head: Head): void {
		const state = this.#streams.get(stream) ?? { joiner: new LineJoiner(), mayLackBeginning: this.#entries < spareEntries };
		this.#streams.set(stream, state);
		this.#entries++;
		state.head ??= head;
		this.#add(stream, state, state.joiner.push(bytes, endsLine));
	}

	get isEmpty(): boolean {
		return this.#entries === 0;
	}

	/** `isWhole`: the task printed nothing before these. */
	end(): { lines: TaskLine<Head>[]; isWhole: boolean } {
		for (const [stream, state] of this.#streams) this.#add(stream, state, state.joiner.end());
		const isWhole = this.#entries < this.#asked;
		const lines = this.#lines.filter(({ mayLackBeginning }) => isWhole || !mayLackBeginning);
		return { lines: lines.map(({ head, stream, text, length }) => ({ head, stream, text, length })), isWhole };
	}

	#add(stream: OutputStream, state: StreamState<Head>, line: JoinedLine | undefined): void {
		if (!line || state.head === undefined) return;
		const { head, mayLackBeginning } = state;
		this.#lines.push({ head, stream, text: line.bytes.toString("utf8"), length: line.length, mayLackBeginning });
		state.head = undefined;
		state.mayLackBeginning = false;
	}
}

interface StreamState<Head> {
	joiner: LineJoiner;
	/** Of the line that is being read. */
	head?: Head | undefined;
	mayLackBeginning: boolean;
}
