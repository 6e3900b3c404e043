// Reads what is compared of an answer: its headers, and the beginning of its body.
import type { Dispatcher } from "undici";
import type { Heard } from "../../engine/ports/prober.ts";

const mostBodyBytes = 4096;

/**
 * Never throws: the status has come already, and a body that breaks off or takes its time is a body that is cut. What comes
 * beyond the first 4 KB is not read.
 */
export async function readHeard({ headers, body }: Pick<Dispatcher.ResponseData, "headers" | "body">, signal: AbortSignal): Promise<Heard> {
	const chunks: Buffer[] = [];
	let size = 0;
	let isWhole = false;
	const stop = () => void body.destroy();
	body.on("error", () => undefined);
	signal.addEventListener("abort", stop, { once: true });
	try {
		for await (const chunk of body) {
			chunks.push(chunk as Buffer);
			size += (chunk as Buffer).length;
			if (size > mostBodyBytes) break;
		}
		isWhole = size <= mostBodyBytes && !signal.aborted;
	} catch {
		isWhole = false;
	} finally {
		signal.removeEventListener("abort", stop);
		stop();
	}
	const text = Buffer.concat(chunks).subarray(0, mostBodyBytes).toString("latin1");
	return { headers: flat(headers), body: text, bodyCut: !isWhole };
}

function flat(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(", ")]])),
	);
}
