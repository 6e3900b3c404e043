// Makes lines of the bytes of a step's output, in whatever pieces they come. Pure.
import { LineJoiner } from "./line-joiner.ts";

const lineBreak = 10;
const carriageReturn = 13;

/** Keeps whole characters, and of a long line the beginning. What a carriage return wrote over is left out, as on a terminal. */
export class LineCutter {
	#line = new LineJoiner();
	/** The next bytes write over the line. */
	#hasReturned = false;

	/** One by one, so that a caller can let other work have its turn between them. */
	*push(bytes: Uint8Array): Generator<string> {
		const rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		let start = 0;
		for (let end = rest.indexOf(lineBreak); end >= 0; end = rest.indexOf(lineBreak, start)) {
			this.#write(rest.subarray(start, end));
			yield this.#take();
			start = end + 1;
		}
		this.#write(rest.subarray(start));
	}

	*end(): Generator<string> {
		const rest = this.#take();
		if (rest) yield rest;
	}

	#write(bytes: Buffer): void {
		const written = withoutReturnsAtEnd(bytes);
		if (written.length > 0) {
			const lastReturn = written.lastIndexOf(carriageReturn);
			if (this.#hasReturned || lastReturn >= 0) this.#line = new LineJoiner();
			this.#line.push(written.subarray(lastReturn + 1), false);
			this.#hasReturned = false;
		}
		if (written.length < bytes.length) this.#hasReturned = true;
	}

	#take(): string {
		this.#hasReturned = false;
		return this.#line.push(Buffer.alloc(0), true)?.bytes.toString("utf8") ?? "";
	}
}

function withoutReturnsAtEnd(bytes: Buffer): Buffer {
	let end = bytes.length;
	while (end > 0 && bytes[end - 1] === carriageReturn) end--;
	return bytes.subarray(0, end);
}
