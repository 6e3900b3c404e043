// Speaks git's smart HTTP protocol as no honest server does: lists and packs without an end, slow ones, and garbage.
import { randomBytes } from "node:crypto";
import type { RequestListener, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

const capabilities =
	"multi_ack_detailed no-done side-band-64k thin-pack ofs-delta shallow no-progress symref=HEAD:refs/heads/main agent=hostile";
/** The commit that all of its refs name. It has none such. */
export const promisedCommit = "1".repeat(40);

/** One packet of the protocol: its length in four hex digits, then what it says. */
export function packet(payload: string | Buffer): Buffer {
	const body = Buffer.from(payload);
	return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, "0")), body]);
}

const flush = Buffer.from("0000");

/** Its answers to the first request, and to the one that asks for a pack. `pack` is given the answer after "here it comes". */
export interface Hostility {
	refs?: () => Iterable<Buffer>;
	pack?: (response: ServerResponse) => void;
}

export function hostileGit({ refs = honestRefs, pack = (response) => response.end() }: Hostility): RequestListener {
	return async (request, response) => {
		const asked = (await buffer(request)).toString("latin1");
		if (request.method === "GET") {
			response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
			response.write(Buffer.concat([packet("# service=git-upload-pack\n"), flush]));
			return sendAll(response, refs());
		}
		response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
		response.write(Buffer.concat([packet(`shallow ${promisedCommit}\n`), flush]));
		// The pack is asked for in a second round, when it is known where history is to be cut.
		if (!asked.includes("0009done")) return response.end();
		response.write(packet("NAK\n"));
		return pack(response);
	};
}

/** One branch, as an honest server lists it. */
function* honestRefs(): Generator<Buffer> {
	yield packet(`${promisedCommit} HEAD\0 ${capabilities}\n`);
	yield packet(`${promisedCommit} refs/heads/main\n`);
	yield flush;
}

/** `count` branches; without one, more and more of them. */
export function* manyRefs(count = Number.POSITIVE_INFINITY): Generator<Buffer> {
	yield packet(`${promisedCommit} HEAD\0 ${capabilities}\n`);
	for (let from = 0; from < count; from += 1000) {
		const names = Array.from({ length: Math.min(1000, count - from) }, (_, index) => `refs/heads/${from + index}`);
		yield Buffer.concat(names.map((name) => packet(`${promisedCommit} ${name}\n`)));
	}
	yield flush;
}

/** A pack of one file that never ends, of bytes that do not compress. */
export function endlessPack(response: ServerResponse): void {
	sendAll(response, endlessBlob());
}

/** The same, a few bytes at a time: enough for git to call it alive. */
export function drippingPack(response: ServerResponse): void {
	const blob = endlessBlob();
	const timer = setInterval(() => response.write(blob.next().value), 50);
	response.on("close", () => clearInterval(timer));
}

function* endlessBlob(): Generator<Buffer> {
	const head = Buffer.concat([Buffer.from("PACK\0\0\0\u0002\0\0\0\u0001", "latin1"), blobOfSize(2n ** 45n), Buffer.from([0x78, 0x01])]);
	yield packet(Buffer.concat([Buffer.from([1]), head]));
	// A block of zlib that is stored as it is: not the last, its length, and that inverted.
	const length = Buffer.from([0x00, 0x00, 0xf0, 0xff, 0x0f]);
	for (;;) yield packet(Buffer.concat([Buffer.from([1]), length, randomBytes(0xf000)]));
}

/** Type and size in front of an object in a pack: four bits, then seven at a time. */
function blobOfSize(size: bigint): Buffer {
	const bytes = [Number(size & 15n) | (3 << 4)];
	for (let rest = size >> 4n; rest > 0n; rest >>= 7n) {
		bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
		bytes.push(Number(rest & 127n));
	}
	return Buffer.from(bytes);
}

/** As fast as the other side takes it. */
function sendAll(response: ServerResponse, chunks: Iterable<Buffer>): void {
	const rest = chunks[Symbol.iterator]();
	const more = () => {
		for (let next = rest.next(); !response.destroyed; next = rest.next()) {
			if (next.done) return void response.end();
			if (!response.write(next.value)) return void response.once("drain", more);
		}
	};
	more();
}
