// What is posted to a receiver, and what its answers come to: taken, not taken, refused; none of them holds anything up.
import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Webhook } from "../../src/adapters/http/webhook.ts";
import type { NotifyTarget } from "../../src/config/notify.ts";
import type { EventMessage, Posted } from "../../src/engine/ports/event-receiver.ts";
import { Redactor } from "../../src/redact.ts";
import { makeCertificate } from "../support/certificate.ts";
import { closedPort, serve, serveSocket } from "../support/server.ts";

const message: EventMessage = {
	deliveryId: "dep-1:failed",
	event: "failed",
	applicationId: "hello",
	deploymentId: "dep-1",
	kind: "deploy",
	outcome: "failed",
	verdict: null,
	commit: null,
	note: "It failed: ü.",
	requestedBy: "a test",
	at: "2026-01-31T12:00:00.000Z",
	text: "hello: failed",
};

interface Seen {
	method?: string | undefined;
	url?: string | undefined;
	headers: IncomingHttpHeaders;
	body: string;
}

/** Answers with this status, and remembers what came. */
function answering(status: number, seen: Seen[] = [], location?: string): RequestListener {
	return async (request, response) => {
		const { method, url, headers } = request;
		seen.push({ method, url, headers, body: await text(request) });
		response.writeHead(status, location === undefined ? {} : { location }).end("ok");
	};
}

async function post(url: string, { secret, signal }: { secret?: string; signal?: AbortSignal } = {}): Promise<Posted> {
	const target: NotifyTarget = { url: new URL(url), secret };
	const webhook = new Webhook({ target: async () => target, version: "1.2.3", redactor: new Redactor() });
	return webhook.post(message, signal ?? new AbortController().signal);
}

describe("what is sent", () => {
	test("is the event as JSON, by POST to the whole address, signed", async () => {
		const seen: Seen[] = [];
		const port = await serve(answering(204, seen));
		expect(await post(`http://127.0.0.1:${port}/hooks/token?thread=1`, { secret: "sign it" })).toEqual({ taken: true });
		const [{ method, url, headers, body } = { headers: {}, body: "" }] = seen;
		expect([method, url]).toEqual(["POST", "/hooks/token?thread=1"]);
		expect(JSON.parse(body)).toEqual(message);
		expect(headers).toMatchObject({ "content-type": "application/json", "user-agent": "deploymill/1.2.3" });
		expect(headers["x-deploymill-signature"]).toBe(`sha256=${createHmac("sha256", "sign it").update(body).digest("hex")}`);
	});

	test("has no signature without a secret, and no secret in any field", async () => {
		const seen: Seen[] = [];
		const port = await serve(answering(200, seen));
		const redactor = new Redactor();
		redactor.add("hunter22-hunter22");
		const url = new URL(`http://127.0.0.1:${port}/`);
		const webhook = new Webhook({ target: async () => ({ url, secret: undefined }), version: "1.2.3", redactor });
		await webhook.post({ ...message, note: "told hunter22-hunter22" }, new AbortController().signal);
		expect(seen[0]?.headers).not.toHaveProperty("x-deploymill-signature");
		expect(JSON.parse(seen[0]?.body ?? "").note).toBe("told ***");
	});

	test("is nothing where the address was taken away", async () => {
		const webhook = new Webhook({ target: async () => undefined, version: "1.2.3", redactor: new Redactor() });
		expect(await webhook.post(message, new AbortController().signal)).toMatchObject({ taken: false });
	});
});

describe("what is answered", () => {
	test.each([200, 201, 204])("%i: taken", async (status) => {
		const port = await serve(answering(status));
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ taken: true });
	});

	test.each([400, 401, 403, 404, 410, 422])("%i: this one is refused", async (status) => {
		const port = await serve(answering(status));
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ taken: false, because: `it answered ${status}`, refused: true });
	});

	test.each([408, 425, 429, 500, 502, 503])("%i: not taken", async (status) => {
		const port = await serve(answering(status));
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ taken: false, because: `it answered ${status}` });
	});

	test.each([301, 302, 307, 308])("%i: not taken, and not followed", async (status) => {
		const elsewhere: Seen[] = [];
		const other = await serve(answering(200, elsewhere));
		const port = await serve(answering(status, [], `http://127.0.0.1:${other}/`));
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
			taken: false,
			because: `it answered ${status}, and redirects are not followed`,
		});
		expect(elsewhere).toEqual([]);
	});

	test("200 and then a gigabyte: taken, and hardly any of it is read", async () => {
		let sent = 0;
		let isOver: () => void = () => undefined;
		const over = new Promise<void>((resolve) => {
			isOver = resolve;
		});
		const chunk = Buffer.alloc(65_536);
		const port = await serve((_request, response) => {
			response.on("close", isOver).writeHead(200, { "content-length": String(2 ** 30) });
			const more = () => {
				while (sent < 2 ** 30 && !response.destroyed && response.write(chunk)) sent += chunk.length;
			};
			response.on("drain", more);
			more();
		});
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ taken: true });
		await over;
		expect(sent).toBeLessThan(64 * 2 ** 20);
	});

	test("200, and the connection is closed in the middle of the body: taken", async () => {
		const port = await serveSocket((socket) =>
			socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")),
		);
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ taken: true });
	});
});

describe("what is no answer", () => {
	test("nothing listens", async () => {
		expect(await post(`http://127.0.0.1:${await closedPort()}/`)).toEqual({ taken: false, because: "the connection was refused" });
	});

	test.each([
		["closed at once", (socket: { destroy(): void }) => socket.destroy()],
		["closed in the middle of the head", (socket: { end(text: string): void }) => socket.end("HTTP/1.1 20")],
		["no HTTP", (socket: { end(text: string): void }) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")],
		["a head without end", (socket: { end(text: string): void }) => socket.end(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(2 ** 20)}\r\n\r\n`)],
	])("%s", async (_what, answer) => {
		const port = await serveSocket((socket) => socket.once("data", () => answer(socket)));
		expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
			taken: false,
			because: "the connection was closed before an answer that is HTTP",
		});
	});

	test("silence: it is called off when its caller says so", async () => {
		const calledOff = new AbortController();
		const port = await serveSocket((socket) => socket.once("data", () => calledOff.abort()));
		expect(await post(`http://127.0.0.1:${port}/`, { signal: calledOff.signal })).toEqual({ taken: false, because: "it was called off" });
	});

	test("silence, or an answer that comes a byte a second: over after ten seconds", async () => {
		const silent = await serveSocket(() => undefined);
		const slow = await serveSocket((socket) => {
			const drip = setInterval(() => socket.write("H"), 1000);
			socket.on("close", () => clearInterval(drip));
		});
		const [first, second] = await Promise.all([silent, slow].map((port) => post(`http://127.0.0.1:${port}/`)));
		expect(first).toEqual({ taken: false, because: "no answer within 10 s" });
		expect(second).toMatchObject({ taken: false });
	});

	test("words of others are in none of it, nor is the address", async () => {
		const posted = await post("http://receiver.invalid/hooks/a-secret-token");
		expect(posted).toMatchObject({ taken: false, because: expect.stringContaining("the host name could not be resolved") });
		expect(JSON.stringify(posted)).not.toMatch(/receiver|token/);
	});
});

describe("TLS", () => {
	const trusted = tls.rootCertificates;
	let before: string[];
	beforeEach(() => {
		before = tls.getCACertificates("default");
	});
	afterEach(() => tls.setDefaultCACertificates(before));

	test("a certificate that is trusted and of the host", async () => {
		const certificate = await makeCertificate(["IP:127.0.0.1"]);
		tls.setDefaultCACertificates([...trusted, certificate.cert]);
		const port = await serve(answering(200), certificate);
		expect(await post(`https://127.0.0.1:${port}/`)).toEqual({ taken: true });
	});

	test.each([
		["self-signed", "the certificate is self-signed", 1, ["IP:127.0.0.1"]],
		["expired", "the certificate has expired", -1, ["IP:127.0.0.1"]],
		["another host's", "the certificate is for another host name", 1, ["DNS:other.test"]],
	])("one that is %s: nothing is sent", async (what, because, days, names) => {
		const certificate = await makeCertificate(names, days);
		if (what !== "self-signed") tls.setDefaultCACertificates([...trusted, certificate.cert]);
		const seen: Seen[] = [];
		const port = await serve(answering(200, seen), certificate);
		expect(await post(`https://127.0.0.1:${port}/`)).toEqual({ taken: false, because });
		expect(seen).toEqual([]);
	});
});
