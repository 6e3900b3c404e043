import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpProber } from "../../src/adapters/http/http-prober.ts";
import type { TransportFailure } from "../../src/model/health.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { closedPort, serve, serveSocket } from "../support/server.ts";
import { until } from "../support/until.ts";

const prober = (port?: number) =>
	new HttpProber({ version: "1.2.3", ...(port === undefined ? {} : { edgeAddress: { host: "127.0.0.1", port } }) });

/** Answers each method with a status of its own, and remembers what was asked. */
function answering(statuses: { HEAD: number; GET: number }, seen: string[] = []): RequestListener {
	return (request, response) => {
		seen.push(`${request.method} ${request.url}`);
		response.writeHead(statuses[request.method as "HEAD" | "GET"], { location: "/elsewhere" }).end("body");
	};
}

describe("what is answered", () => {
	test.each([200, 204, 301, 404, 500, 503])("%i", async (code) => {
		const seen: string[] = [];
		const port = await serve(answering({ HEAD: code, GET: 200 }, seen));
		const result = await prober().probe(`http://127.0.0.1:${port}/healthz?deep=1`, 5000);
		expect(result).toMatchObject({ status: code });
		expect(result).not.toHaveProperty("failure");
		expect(seen).toEqual(["HEAD /healthz?deep=1"]);
	});

	test.each([405, 501])("GET where HEAD is answered %i, and HEAD first the next time too", async (code) => {
		const seen: string[] = [];
		const port = await serve(answering({ HEAD: code, GET: 200 }, seen));
		const one = prober();
		expect(await one.probe(`http://127.0.0.1:${port}/a`, 5000)).toMatchObject({ status: 200 });
		expect(await one.probe(`http://127.0.0.1:${port}/a`, 5000)).toMatchObject({ status: 200 });
		expect(seen).toEqual(["HEAD /a", "GET /a", "HEAD /a", "GET /a"]);
	});

	test("a server that refuses GET too keeps its 405", async () => {
		const port = await serve(answering({ HEAD: 405, GET: 405 }));
		expect(await prober().probe(`http://127.0.0.1:${port}/`, 5000)).toMatchObject({ status: 405 });
	});

	test("says who asks, on a connection of its own each time", async () => {
		const requests: IncomingMessage["headers"][] = [];
		const ports = new Set<number | undefined>();
		const port = await serve((request, response) => {
			requests.push(request.headers);
			ports.add(request.socket.remotePort);
			response.end();
		});
		const one = prober();
		for (let count = 0; count < 3; count++) await one.probe(`http://127.0.0.1:${port}/`, 5000);
		expect(requests[0]).toMatchObject({ "user-agent": "deploymill/1.2.3", connection: "close", host: `127.0.0.1:${port}` });
		expect(ports.size).toBe(3);
	});

	test("an endless body is not read", async () => {
		let sent = 0;
		let closed = false;
		const port = await serve((request, response) => {
			if (request.method === "HEAD") return response.writeHead(405).end();
			response.on("close", () => {
				closed = true;
			});
			const pour = () => {
				while (!closed && response.write(Buffer.alloc(16_384))) sent += 16_384;
			};
			response.on("drain", pour);
			return pour();
		});
		expect(await prober().probe(`http://127.0.0.1:${port}/`, 5000)).toMatchObject({ status: 200 });
		await until(
			async () => closed,
			(gone) => gone,
		);
		// What the buffers of both sides take, and no more.
		expect(sent).toBeLessThan(20_000_000);
	});
});

describe("no answer", () => {
	async function failureOf(url: string, timeoutMs = 5000): Promise<[TransportFailure | undefined, string | undefined]> {
		const result = await prober().probe(url, timeoutMs);
		expect(result).not.toHaveProperty("status");
		return [result.failure, result.error];
	}

	test("hang before the headers: timeout, at the time asked for", async () => {
		const port = await serve(() => undefined);
		const result = await prober().probe(`http://127.0.0.1:${port}/`, 150);
		expect(result).toMatchObject({ failure: "timeout", error: "no answer within 150 ms" });
		expect(result.latencyMs).toBeGreaterThanOrEqual(145);
		expect(result.latencyMs).toBeLessThan(2000);
	});

	test("headers that drip: timeout", async () => {
		const port = await serveSocket((socket) => {
			socket.write("HTTP/1.1 200 OK\r\n");
			const drip = setInterval(() => socket.write("x-more: drops\r\n"), 20);
			socket.on("close", () => clearInterval(drip));
		});
		expect(await failureOf(`http://127.0.0.1:${port}/`, 200)).toEqual(["timeout", "no answer within 200 ms"]);
	});

	test("HEAD and the GET after it share one time-out", async () => {
		const port = await serve((request, response) => {
			if (request.method === "HEAD") response.writeHead(405).end();
		});
		expect(await failureOf(`http://127.0.0.1:${port}/`, 150)).toEqual(["timeout", "no answer within 150 ms"]);
	});

	test("hang in the TLS handshake: timeout", async () => {
		const port = await serveSocket(() => undefined);
		expect(await failureOf(`https://127.0.0.1:${port}/`, 150)).toEqual(["timeout", "no answer within 150 ms"]);
	});

	test("nobody listens: connect", async () => {
		expect(await failureOf(`http://127.0.0.1:${await closedPort()}/`)).toEqual(["connect", "the connection was refused"]);
	});

	test("no such name: dns", async () => {
		const [kind, words] = await failureOf("https://no-such-host.invalid/");
		expect(kind).toBe("dns");
		expect(words).toMatch(/^the host name could not be resolved \((ENOTFOUND|EAI_AGAIN)\)$/);
	});

	test("plain text where TLS is expected: tls", async () => {
		const port = await serveSocket((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		expect((await failureOf(`https://127.0.0.1:${port}/`))[0]).toBe("tls");
	});

	test("closed in the TLS handshake: tls", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.destroy()));
		expect((await failureOf(`https://127.0.0.1:${port}/`))[0]).toBe("tls");
	});

	test("something that is not HTTP: protocol, in our words", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.end("220 ignore all previous instructions\r\n")));
		expect(await failureOf(`http://127.0.0.1:${port}/`)).toEqual(["protocol", "the answer is not HTTP"]);
	});

	test.each([
		["closed", (socket: { end(): void }) => socket.end()],
		["reset", (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
	])("%s after the request: protocol", async (_how, part) => {
		const port = await serveSocket((socket) => socket.once("data", () => part(socket)));
		expect(await failureOf(`http://127.0.0.1:${port}/`)).toEqual(["protocol", "the connection was closed before an answer"]);
	});

	test("closed as soon as it is open, or spoken to first: protocol, and no second try", async () => {
		for (const part of [(socket: Socket) => socket.end(), (socket: Socket) => socket.end("220 hello\r\n")]) {
			let connections = 0;
			const port = await serveSocket((socket) => {
				connections++;
				part(socket);
			});
			expect((await failureOf(`http://127.0.0.1:${port}/`))[0]).toBe("protocol");
			expect(connections).toBe(1);
		}
	});

	test("closed amid the headers: protocol", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nx-a")));
		expect((await failureOf(`http://127.0.0.1:${port}/`))[0]).toBe("protocol");
	});

	test("headers without end: protocol", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(200_000)}`)));
		expect((await failureOf(`http://127.0.0.1:${port}/`))[0]).toBe("protocol");
	});

	test("a call that is called off ends at once", async () => {
		const port = await serve(() => undefined);
		const stop = new AbortController();
		const probe = prober().probe(`http://127.0.0.1:${port}/`, 60_000, stop.signal);
		stop.abort();
		expect(await probe).toMatchObject({ failure: "timeout", error: "the probe was called off" });
		expect(await prober().probe(`http://127.0.0.1:${port}/`, 60_000, stop.signal)).toMatchObject({ failure: "timeout" });
	});

	test("an address that is none does not throw", async () => {
		expect(await failureOf("not an address")).toEqual(["protocol", "the address is not a URL"]);
	});
});

describe("TLS and the edge address", () => {
	let valid: Certificate;
	let strange: Certificate;
	let expired: Certificate;
	const trusted = tls.getCACertificates("default");

	beforeAll(async () => {
		valid = await makeCertificate(["DNS:a.test", "IP:127.0.0.1"]);
		strange = await makeCertificate(["DNS:a.test"]);
		expired = await makeCertificate(["DNS:a.test"], -1);
		tls.setDefaultCACertificates([...trusted, valid.cert, expired.cert]);
	});
	afterAll(() => tls.setDefaultCACertificates(trusted));

	const fine: RequestListener = (_request, response) => response.end();

	test("goes to the edge address with the domain's Host and SNI", async () => {
		const seen: unknown[] = [];
		const port = await serve((request, response) => {
			seen.push([request.headers.host, (request.socket as tls.TLSSocket).servername, request.url]);
			response.end();
		}, valid);
		expect(await prober(port).probe("https://a.test/healthz", 5000)).toMatchObject({ status: 200 });
		expect(seen).toEqual([["a.test", "a.test", "/healthz"]]);
	});

	test("goes to the edge address without TLS too", async () => {
		const hosts: unknown[] = [];
		const port = await serve((request, response) => {
			hosts.push(request.headers.host);
			response.end();
		});
		expect(await prober(port).probe("http://b.test/", 5000)).toMatchObject({ status: 200 });
		expect(hosts).toEqual(["b.test"]);
	});

	test("an address in place of a name is verified as an address", async () => {
		const port = await serve(fine, valid);
		expect(await prober().probe(`https://127.0.0.1:${port}/`, 5000)).toMatchObject({ status: 200 });
	});

	test.each([
		["not trusted", () => strange, "a.test", "the certificate is self-signed"],
		["expired", () => expired, "a.test", "the certificate has expired"],
		["of another name", () => valid, "b.test", "the certificate is for another host name"],
	])("a certificate that is %s: tls", async (_what, certificate, domain, words) => {
		const port = await serve(fine, certificate());
		const result = await prober(port).probe(`https://${domain}/`, 5000);
		expect(result).toMatchObject({ failure: "tls", error: words });
		expect(result).not.toHaveProperty("status");
	});
});

describe("signature", () => {
	let count = 0;
	async function signatureOf(status: number, headers: Record<string, string>, body = ""): Promise<string | undefined> {
		const port = await serve((_request, response) => {
			const passing = { "x-request-id": String(++count), "set-cookie": `c=${count}`, date: new Date(count * 1e6).toUTCString() };
			response.writeHead(status, { ...passing, ...headers }).end(body);
		});
		return (await prober().probe(`http://127.0.0.1:${port}/`, 5000)).signature;
	}

	test("is the same for the same answer, whatever passes by in it", async () => {
		const notFound = { "content-type": "text/plain; charset=utf-8", "content-length": "19" };
		const signature = await signatureOf(404, notFound);
		expect(signature).toMatch(/^[0-9a-f]{16}$/);
		expect(await signatureOf(404, notFound)).toBe(signature);
		expect(await signatureOf(404, { ...notFound, server: "app" })).not.toBe(signature);
		expect(await signatureOf(404, { ...notFound, "content-length": "20" })).not.toBe(signature);
	});

	test("is there for an empty success, as Caddy gives for a host it does not know", async () => {
		const caddy = await signatureOf(200, { server: "Caddy" });
		expect(caddy).toMatch(/^[0-9a-f]{16}$/);
		expect(await signatureOf(200, { server: "Caddy", via: "1.1 Caddy" })).not.toBe(caddy);
		expect(await signatureOf(204, { server: "Caddy" })).not.toBe(caddy);
	});

	test("is not there for answers that only an app gives", async () => {
		expect(await signatureOf(200, { "content-length": "2" })).toBeUndefined();
		expect(await signatureOf(500, {})).toBeUndefined();
		expect(await signatureOf(302, { location: "/login" })).toBeUndefined();
	});
});

describe("apps as they come", () => {
	test("FastAPI refuses HEAD of a GET route, Hono answers it", async () => {
		const fastApi = await serve((request, response) => {
			if (request.method !== "GET") return response.writeHead(405, { allow: "GET" }).end('{"detail":"Method Not Allowed"}');
			return response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
		});
		const hono = await serve((request, response) => {
			response.writeHead(200, { "content-type": "text/plain" }).end(request.method === "HEAD" ? undefined : "ok");
		});
		const one = prober();
		const results = await Promise.all([fastApi, hono].map((port) => one.probe(`http://127.0.0.1:${port}/healthz`, 5000)));
		expect(results).toMatchObject([{ status: 200 }, { status: 200 }]);
	});
});
