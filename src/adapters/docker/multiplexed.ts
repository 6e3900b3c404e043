// Reads Docker's log streams: multiplexed, in frames of an 8 byte header and one entry of stdout or stderr; or raw.
import { LineJoiner } from "./line-joiner.ts";

export type OutputStream = "stdout" | "stderr";

/** One entry of a log. Docker keeps a longer line in entries of 16 KB. */
export interface Piece {
	stream: OutputStream;
	/** Without the line break at its end. */
	bytes: Buffer;
	/** The line ends here; else it goes on in the stream's next piece. */
	endsLine: boolean;
}

/** An entry is 16 KB and what stands before it. What claims more is not such a stream. */
const largestFrame = 1024 * 1024;
const lineBreak = 10;

/** The entries of a stream in the order they came. A stream that is not multiplexed (a container with a terminal) is all stdout. */
export async function* readPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
	const raw = new LineJoiner();
	let isRaw = false;
	let pending: Buffer = Buffer.alloc(0);
	for await (const chunk of source) {
		pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
		for (let frame = isRaw ? undefined : firstFrame(pending); frame; frame = firstFrame(pending)) {
			yield frame.piece;
			pending = pending.subarray(frame.size);
		}
		isRaw ||= pending.length >= 8 && !isHeader(pending);
		if (!isRaw) continue;
		yield* rawLines(raw, pending);
		pending = Buffer.alloc(0);
	}
	yield* rawLines(raw, pending);
	const last = raw.end();
	if (last) yield { stream: "stdout", bytes: last.bytes, endsLine: true };
}

function* rawLines(joiner: LineJoiner, bytes: Buffer): Generator<Piece> {
	let start = 0;
	for (let end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, start)) {
		const line = joiner.push(bytes.subarray(start, end), true);
		if (line) yield { stream: "stdout", bytes: line.bytes, endsLine: true };
		start = end + 1;
	}
	if (start < bytes.length) joiner.push(bytes.subarray(start), false);
}

/** The first whole frame of the bytes. */
function firstFrame(bytes: Buffer): { piece: Piece; size: number } | undefined {
	if (bytes.length < 8 || !isHeader(bytes)) return undefined;
	const size = 8 + bytes.readUInt32BE(4);
	if (bytes.length < size) return undefined;
	const endsLine = size > 8 && bytes[size - 1] === lineBreak;
	return {
		piece: { stream: bytes[0] === 2 ? "stderr" : "stdout", bytes: bytes.subarray(8, endsLine ? size - 1 : size), endsLine },
		size,
	};
}

function isHeader(bytes: Buffer): boolean {
	return (bytes[0] ?? 9) <= 2 && bytes.readUIntBE(1, 3) === 0 && bytes.readUInt32BE(4) <= largestFrame;
}
