// Joins the pieces of a line, and keeps no more of it than will be looked at. Pure.
import { longestLogLine } from "../../untrusted.ts";

export interface JoinedLine {
	/** The beginning of a line that is too long. */
	bytes: Buffer;
	/** Of the whole line, in bytes. */
	length: number;
}

/** So many that a line which is cut here is still longer than one that is shown: a UTF-16 unit takes at most three. */
const mostBytes = 3 * (longestLogLine + 1);

export class LineJoiner {
	#kept: Buffer[] = [];
	#length = 0;

	/** The line, where this is its last piece. */
	push(piece: Buffer, endsLine: boolean): JoinedLine | undefined {
		const room = mostBytes - this.#length;
		if (room > 0) this.#kept.push(piece.subarray(0, room));
		this.#length += piece.length;
		return endsLine ? this.#take() : undefined;
	}

	/** What has not ended yet, if anything. */
	end(): JoinedLine | undefined {
		return this.#length > 0 ? this.#take() : undefined;
	}

	#take(): JoinedLine {
		const line = { bytes: Buffer.concat(this.#kept), length: this.#length };
		this.#kept = [];
		this.#length = 0;
		return line;
	}
}
