// Owns the reading of the engine's streams of JSON messages, one a line.
import { StringDecoder } from "node:string_decoder";

/** Every message of the stream, as it comes. @throws SyntaxError when a line is no JSON */
export async function* readJsonLines<T>(source: AsyncIterable<Buffer>): AsyncGenerator<T> {
	const decoder = new StringDecoder("utf8");
	let pending = "";
	for await (const chunk of source) {
		pending += decoder.write(chunk);
		const lines = pending.split("\n");
		pending = lines.pop() ?? "";
		for (const line of lines) if (line.trim()) yield JSON.parse(line) as T;
	}
	pending += decoder.end();
	if (pending.trim()) yield JSON.parse(pending) as T;
}
