// Cuts a stream of bytes into lines of a bounded length.
import { type RequestId, RequestIdFinder } from "./request-id.ts";

const newline = 0x0a;

/** What was too long to be kept. */
export interface LongLine {
	bytes: number;
	/** The id of the request it holds, where it holds one. */
	id: RequestId | undefined;
	/** Whether it is a request or a notification, rather than an answer. */
	hasMethod: boolean;
}

/** What a reader tells, in the order in which it came. */
interface Listener {
	line(text: string): void;
	longLine(line: LongLine): void;
}

/** Keeps a line until it ends; of one that is longer than `mostBytes`, only its length and its id. */
export class LineReader {
	readonly #mostBytes: number;
	readonly #listener: Listener;
	#chunks: Buffer[] = [];
	#bytes = 0;
	/** There while a line goes by that is too long. */
	#finder: RequestIdFinder | undefined;

	constructor(mostBytes: number, listener: Listener) {
		this.#mostBytes = mostBytes;
		this.#listener = listener;
	}

	push(chunk: Buffer): void {
		let begin = 0;
		for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, begin)) {
			this.#take(chunk.subarray(begin, end));
			this.#endLine();
			begin = end + 1;
		}
		this.#take(chunk.subarray(begin));
	}

	#take(part: Buffer): void {
		this.#bytes += part.length;
		if (this.#finder) this.#finder.push(part);
		else this.#chunks.push(part);
		if (this.#finder || this.#bytes <= this.#mostBytes) return;
		this.#finder = new RequestIdFinder();
		for (const chunk of this.#chunks) this.#finder.push(chunk);
		this.#chunks = [];
	}

	#endLine(): void {
		const [finder, chunks, bytes] = [this.#finder, this.#chunks, this.#bytes];
		this.#finder = undefined;
		this.#chunks = [];
		this.#bytes = 0;
		if (finder) this.#listener.longLine({ bytes, id: finder.id, hasMethod: finder.hasMethod });
		else this.#listener.line(Buffer.concat(chunks, bytes).toString("utf8"));
	}
}
