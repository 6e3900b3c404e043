// Reads the engine's streams of JSON messages, one a line.
import { StringDecoder } from "node:string_decoder";

/** In UTF-16 units. What is longer is no message of an engine. */
const longestMessage = 32 * 1024 * 1024;

/** Every message of the stream, as it comes. @throws SyntaxError when a line is no JSON, Error when one has no end */
export async function* readJsonLines<T>(source: AsyncIterable<Buffer>): AsyncGenerator<T> {
	for await (const line of readLines(source)) if (line.trim()) yield JSON.parse(line) as T;
}

async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
	const decoder = new StringDecoder("utf8");
	// In pieces: joined at every chunk, a long message would cost the square of its length.
	let pieces: string[] = [];
	let length = 0;
	for await (const chunk of source) {
		const lines = decoder.write(chunk).split("\n");
		const begun = lines.pop() ?? "";
		for (const end of lines) {
			yield pieces.join("") + end;
			pieces = [];
			length = 0;
		}
		pieces.push(begun);
		length += begun.length;
		if (length > longestMessage) throw new Error(`a message of the engine has more than ${longestMessage} characters`);
	}
	yield pieces.join("") + decoder.end();
}
