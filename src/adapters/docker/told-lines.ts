// Tells the lines of a build, masked and cut, and keeps the last of them.
import type { BuildListener } from "../../engine/ports/images.ts";
import { WorkSlices } from "../../event-loop.ts";
import { longestLogLine, type Untrusted } from "../../untrusted.ts";

/** Characters of a line that are shown. */
const longestLine = 2000;
/** Lines kept for the error of a build that fails. */
const tailLines = 30;

export class ToldLines {
	readonly tail: string[] = [];
	readonly #untrusted: Untrusted;
	readonly #listener: BuildListener;
	readonly #slices = new WorkSlices();

	constructor(untrusted: Untrusted, listener: BuildListener) {
		this.#untrusted = untrusted;
		this.#listener = listener;
	}

	/** However many they are, others have their turn in between. */
	async tell(lines: Iterable<string>): Promise<void> {
		for (const text of lines) {
			const line = this.#cut(text);
			if (this.tail.push(line) > tailLines) this.tail.shift();
			this.#listener.line(line);
			await this.#slices.pause();
		}
	}

	/** Masked first: a cut through a secret would leave half of it. */
	#cut(text: string): string {
		const line = this.#untrusted.logLine(text);
		const isCut = text.length > longestLogLine || line.length > longestLine;
		return isCut ? `${line.slice(0, longestLine).toWellFormed()}… [cut]` : line;
	}
}
