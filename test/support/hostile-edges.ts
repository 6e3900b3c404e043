// Lists hostile edges: what a server, or whoever stands before it, may send in place of an answer.
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

export interface HostileEdge {
	what: string;
	/** Called with every connection. */
	serve(socket: Socket): void;
	/** The statuses that may come of it; none where it is no answer. What could as well say 200 by the rules gains nothing by a broken one. */
	statuses: number[];
	/** The probe is of an https address. */
	secure?: true;
	/** Also in the quick part. */
	quick?: true;
}

/** Nothing of an edge's own words may stand in a result. */
export const edgeWords = "EVILWORDS";

const once = (text: string | Buffer) => (socket: Socket) => {
	socket.once("data", () => socket.end(text));
};

/** Answers each request on a connection of its own with the next text. */
function byMethod(head: string, get: (socket: Socket) => void) {
	return (socket: Socket) =>
		socket.once("data", (request) => {
			if (String(request).startsWith("HEAD")) socket.end(head);
			else get(socket);
		});
}

/** Sends a piece over and over, as fast as it is taken, after a beginning. */
function flood(beginning: string, piece: string, before?: (socket: Socket) => void) {
	const block = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
	return (socket: Socket) => {
		const pour = () => {
			while (!socket.destroyed && socket.write(block));
		};
		const begin = () => {
			socket.write(beginning);
			socket.on("drain", pour);
			pour();
		};
		if (before) before(socket);
		else socket.once("data", begin);
	};
}

/** Sends a text in small pieces, and never ends. */
function drip(beginning: string, piece: string) {
	return (socket: Socket) => {
		socket.once("data", () => socket.write(beginning));
		const timer = setInterval(() => socket.write(piece), 20);
		socket.on("close", () => clearInterval(timer));
	};
}

const words = `X-Evil: ${edgeWords}\r\n`;
const none: number[] = [];
const answer = (what: string, text: string | Buffer, statuses: number[] = none): HostileEdge => ({ what, serve: once(text), statuses });
const hang = () => undefined;

export const hostileEdges: HostileEdge[] = [
	{ what: "accepts and never answers", serve: hang, statuses: none, quick: true },
	{ what: "closes at once", serve: (socket) => void socket.end(), statuses: none },
	{ what: "resets at once", serve: (socket) => void socket.resetAndDestroy(), statuses: none },
	{
		what: "resets after the request",
		serve: (socket) => void socket.once("data", () => socket.resetAndDestroy()),
		statuses: none,
		quick: true,
	},
	...["HTTP/1.1 20", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: te", "HTTP/1.1 200 OK\r\nA: b\r\n\r"].flatMap((text) => [
		answer(`closes after ${JSON.stringify(text)}`, text),
		{
			what: `resets after ${JSON.stringify(text)}`,
			serve: (socket: Socket) => void socket.once("data", () => socket.write(text, () => socket.resetAndDestroy())),
			statuses: none,
		},
	]),
	{
		what: "says 200 before it was asked, and then 503",
		serve: (socket) => {
			socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
			once("HTTP/1.1 503 No\r\n\r\n")(socket);
		},
		statuses: [200, 503],
		quick: true,
	},
	answer("two answers in one", "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", [503]),
	{ what: "an endless header line", serve: flood("HTTP/1.1 200 OK\r\nX-Evil: ", edgeWords), statuses: none, quick: true },
	{ what: "endless headers", serve: flood("HTTP/1.1 200 OK\r\n", words), statuses: none, quick: true },
	{ what: "an endless name of a header", serve: flood("HTTP/1.1 200 OK\r\n", "x"), statuses: none },
	answer("20,000 headers", `HTTP/1.1 200 OK\r\n${words.repeat(20_000)}\r\n`),
	{ what: "headers that drip", serve: drip("HTTP/1.1 200 OK\r\n", words), statuses: none, quick: true },
	{ what: "a status line that drips", serve: drip("HTTP/1.1 200 ", "O"), statuses: none },
	{ what: "an endless status line", serve: flood("HTTP/1.1 200 ", edgeWords), statuses: none, quick: true },
	answer("a status line of 1 MB", `HTTP/1.1 200 ${edgeWords.repeat(120_000)}\r\n\r\n`, [200]),
	{ what: "endless empty lines", serve: flood("", "\r\n"), statuses: none },
	{ what: "endless 100 Continue", serve: flood("", "HTTP/1.1 100 Continue\r\n\r\n"), statuses: none, quick: true },
	{ what: "endless 103 Early Hints", serve: flood("", `HTTP/1.1 103 Early Hints\r\n${words}\r\n`), statuses: none, quick: true },
	{ what: "102 Processing that drips", serve: drip("", "HTTP/1.1 102 Processing\r\n\r\n"), statuses: none },
	answer(
		"101 to a protocol nobody asked for",
		`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${edgeWords}`,
	),
	answer(
		"200 with an upgrade nobody asked for",
		"HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\ncontent-length: 0\r\n\r\n",
		[200],
	),
	...[
		"HTTP/1.1 000 Zero",
		"HTTP/1.1 99 Low",
		"HTTP/1.1 1000 High",
		"HTTP/1.1 2OO OK",
		"HTTP/1.1 +200 OK",
		"HTTP/1.1 200200 OK",
		"HTTP/1.1  OK",
		"HTTP/1.1 -200 OK",
		"HTTP/1.1 ２００ OK",
	].map((line) => answer(`the status line ${JSON.stringify(line)}`, `${line}\r\ncontent-length: 0\r\n\r\n`, [0, 99])),
	...["HTTP/9.9 200 OK", "HTTP/2 200", "http/1.1 200 OK", "ICY 200 OK", "HTTPS/1.1 200 OK", "HTTP/1.1200 OK", "\0HTTP/1.1 200 OK"].map(
		(line) => answer(`the status line ${JSON.stringify(line)}`, `${line}\r\ncontent-length: 0\r\n\r\n`),
	),
	...["HTTP/0.9 200 OK", "RTSP/1.0 200 OK"].map((line) =>
		answer(`the status line ${line}, which the parser takes`, `${line}\r\ncontent-length: 0\r\n\r\n`, [200]),
	),
	{ ...answer("HTTP/0.9: a page without a head", `<html>${edgeWords}</html>`), quick: true },
	answer("frames of HTTP/2", Buffer.from("000012040000000000000300000064000400100000000600004000", "hex")),
	answer("the greeting of ssh", `SSH-2.0-${edgeWords}\r\n`),
	answer("noise", Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))),
	...["-1", "1e3", "99999999999999999999999", "0x10", " ", "5, 6"].map((length) =>
		answer(`a content-length of ${length}`, `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`, [200]),
	),
	answer("two content-lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx"),
	answer("a content-length beside chunks", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
	answer("a header without a colon", `HTTP/1.1 200 OK\r\n${edgeWords}\r\n\r\n`),
	answer("a NUL in a header", "HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"),
	answer("folded headers", "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", [200]),
	answer("__proto__ as a header", "HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n", [200]),
	{
		what: "405 to HEAD, an endless body to GET",
		serve: byMethod("HTTP/1.1 405 No\r\n\r\n", (socket) => flood("HTTP/1.1 200 OK\r\n\r\n", edgeWords)(replay(socket))),
		statuses: [200],
		quick: true,
	},
	{
		what: "405 to HEAD, a chunk without end to GET",
		serve: byMethod("HTTP/1.1 405 No\r\n\r\n", (socket) =>
			flood("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n", edgeWords)(replay(socket)),
		),
		statuses: [200],
	},
	{
		what: "405 to HEAD, an endless chunk extension to GET",
		serve: byMethod("HTTP/1.1 405 No\r\n\r\n", (socket) =>
			flood("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", edgeWords)(replay(socket)),
		),
		statuses: [200],
	},
	{
		what: "405 to HEAD, a body of gzip that grows a thousandfold to GET",
		serve: byMethod(
			"HTTP/1.1 405 No\r\n\r\n",
			(socket) => void socket.end(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"), bomb()])),
		),
		statuses: [200],
	},
	{ what: "405 to HEAD, and then nothing", serve: byMethod("HTTP/1.1 405 No\r\n\r\n", hang), statuses: none, quick: true },
	{ what: "405 to everything", serve: once("HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n"), statuses: [405] },
	{ what: "a body to HEAD", serve: flood("HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n", edgeWords), statuses: [200] },
	...["CLOSED", "http status 200\r\n\r\n", edgeWords].map((text) => ({
		...answer(`plain ${JSON.stringify(text)} where TLS is expected`, text),
		secure: true as const,
	})),
	{ what: "nothing where TLS is expected", serve: hang, statuses: none, secure: true, quick: true },
	{ what: "an alert of TLS", serve: once(Buffer.from("15030300020228", "hex")), statuses: none, secure: true },
	{ what: "a TLS record of 64 kB that never ends", serve: drip("", "\x16\x03\x03\xff\xff"), statuses: none, secure: true },
	{ what: "endless TLS records", serve: flood("", "\x16\x03\x03\x00\x04\x00\x00\x00\x00"), statuses: none, secure: true, quick: true },
	{
		what: "half a handshake, and a reset",
		serve: (socket) =>
			void socket.once("data", () => socket.write(Buffer.from("160303007a020000760303", "hex"), () => socket.resetAndDestroy())),
		statuses: none,
		secure: true,
	},
];

/** A socket whose request was read already gets its answer at once. */
function replay(socket: Socket): Socket {
	process.nextTick(() => socket.emit("data", Buffer.alloc(0)));
	return socket;
}

function bomb(): Buffer {
	return gzipSync(Buffer.alloc(50_000_000));
}
