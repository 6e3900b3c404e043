// Owns how bytes of a step's output, in whatever pieces they come, become lines. Pure.
import { StringDecoder } from "node:string_decoder";

/** Characters of a line that are shown. */
export const longestLine = 2000;

/** Makes lines of bytes, whole characters only. What a carriage return wrote over is left out, as on a terminal. */
export class LineCutter {
	readonly #decoder = new StringDecoder("utf8");
	#rest = "";

	*push(bytes: Uint8Array): Generator<string> {
		const lines = (this.#rest + this.#decoder.write(Buffer.from(bytes))).split("\n");
		this.#rest = beginning(lines.pop() ?? "");
		yield* lines.map(visible);
	}

	*end(): Generator<string> {
		const rest = visible(this.#rest + this.#decoder.end());
		this.#rest = "";
		if (rest) yield rest;
	}
}

/** A step may write megabytes without a line break: what will not be seen is not kept. */
function beginning(rest: string): string {
	return rest.slice(rest.lastIndexOf("\r", rest.length - 2) + 1).slice(0, longestLine + 1);
}

function visible(line: string): string {
	return line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
}
