// Owns the reading of Docker's multiplexed log streams: frames of an 8 byte header and text of stdout or stderr.

type OutputStream = "stdout" | "stderr";

export interface OutputLine {
	stream: OutputStream;
	text: string;
}

/** A frame holds one line, or 16 KB of a longer one. What claims more is not such a stream. */
const largestFrame = 4 * 1024 * 1024;

/**
 * The lines of a multiplexed stream in the order they came. Lines that the engine cut into several frames are whole again,
 * and so are characters that lie over the cut. A stream that is not multiplexed (a container with a terminal) is all stdout.
 */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<OutputLine> {
	const lines = { stdout: new LineBuffer(), stderr: new LineBuffer() };
	for await (const { stream, payload } of readFrames(source)) {
		for (const text of lines[stream].push(payload)) yield { stream, text };
	}
	for (const stream of ["stdout", "stderr"] as const) {
		for (const text of lines[stream].end()) yield { stream, text };
	}
}

interface Frame {
	stream: OutputStream;
	payload: Buffer;
}

async function* readFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
	let pending: Buffer = Buffer.alloc(0);
	for await (const chunk of source) {
		pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
		for (let frame = firstFrame(pending); frame; frame = firstFrame(pending)) {
			yield frame.frame;
			pending = pending.subarray(frame.size);
		}
	}
	if (pending.length > 0) yield { stream: "stdout", payload: pending };
}

/** The first whole frame of the bytes, or all of them where they do not begin with a header. */
function firstFrame(bytes: Buffer): { frame: Frame; size: number } | undefined {
	if (bytes.length < 8) return undefined;
	if (!isHeader(bytes)) return { frame: { stream: "stdout", payload: bytes }, size: bytes.length };
	const size = 8 + bytes.readUInt32BE(4);
	if (bytes.length < size) return undefined;
	return { frame: { stream: bytes[0] === 2 ? "stderr" : "stdout", payload: bytes.subarray(8, size) }, size };
}

function isHeader(bytes: Buffer): boolean {
	return (bytes[0] ?? 9) <= 2 && bytes.readUIntBE(1, 3) === 0 && bytes.readUInt32BE(4) <= largestFrame;
}

/** Splits bytes into lines; keeps what has no line break yet as bytes, so that no character is torn. */
class LineBuffer {
	#rest: Buffer[] = [];

	*push(payload: Buffer): Generator<string> {
		let start = 0;
		for (let end = payload.indexOf(10); end >= 0; end = payload.indexOf(10, start)) {
			this.#rest.push(payload.subarray(start, end));
			yield this.#take();
			start = end + 1;
		}
		if (start < payload.length) this.#rest.push(payload.subarray(start));
	}

	*end(): Generator<string> {
		if (this.#rest.length > 0) yield this.#take();
	}

	#take(): string {
		const line = Buffer.concat(this.#rest).toString("utf8");
		this.#rest = [];
		return line;
	}
}
