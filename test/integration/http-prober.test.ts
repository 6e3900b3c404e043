import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpProber } from "../../src/adapters/http/http-prober.ts";
import type { EdgeQuestion } from "../../src/engine/ports/prober.ts";
import type { TransportFailure } from "../../src/model/health.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { closedPort, serve, serveSocket } from "../support/server.ts";
import { until } from "../support/until.ts";

const prober = (port?: number) =>
	new HttpProber({ version: "1.2.3", ...(port === undefined ? {} : { edgeAddress: { host: "127.0.0.1", port } }) });

function ask(
	url: string,
	timeoutMs = 5000,
	{ method = "HEAD", ...over }: Partial<EdgeQuestion> & { signal?: AbortSignal } = {},
	one = prober(),
) {
	const { signal, ...question } = over;
	return one.probe({ url, path: "/", method, ...question }, timeoutMs, signal);
}

/** Answers each method with a status of its own, and remembers what was asked. */
function answering(status: number, seen: string[] = []): RequestListener {
	return (request, response) => {
		seen.push(`${request.method} ${request.url}`);
		response.writeHead(status, { location: "/elsewhere" }).end("body");
	};
}

describe("what is answered", () => {
	test.each([200, 204, 301, 404, 405, 500, 503])("%i", async (code) => {
		const seen: string[] = [];
		const port = await serve(answering(code, seen));
		for (const method of ["HEAD", "GET"] as const) {
			const result = await ask(`http://127.0.0.1:${port}`, 5000, { method, path: "/healthz?deep=1" });
			expect(result).toMatchObject({ status: code, heard: { headers: { location: "/elsewhere" } } });
			expect(result).not.toHaveProperty("failure");
		}
		expect(seen).toEqual(["HEAD /healthz?deep=1", "GET /healthz?deep=1"]);
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
		for (let count = 0; count < 3; count++) await ask(`http://127.0.0.1:${port}`, 5000, {}, one);
		expect(requests[0]).toMatchObject({ "user-agent": "deploymill/1.2.3", connection: "close", host: `127.0.0.1:${port}` });
		expect(ports.size).toBe(3);
	});
});

describe("what is heard", () => {
	test("headers by lower-case name, all of one name together", async () => {
		const port = await serve((_request, response) => response.writeHead(200, { "X-One": "1", "Set-Cookie": ["a=1", "b=2"] }).end());
		const { heard } = await ask(`http://127.0.0.1:${port}`);
		expect(heard?.headers).toMatchObject({ "x-one": "1", "set-cookie": "a=1, b=2" });
	});

	test("a body to its end, and none of HEAD", async () => {
		const port = await serve((_request, response) => response.end("grüß"));
		const page = Buffer.from("grüß").toString("latin1");
		expect(await ask(`http://127.0.0.1:${port}`, 5000, { method: "GET" })).toMatchObject({ heard: { body: page, bodyCut: false } });
		expect(await ask(`http://127.0.0.1:${port}`)).toMatchObject({ heard: { body: "", bodyCut: false } });
	});

	test.each([
		[4096, false],
		[4097, true],
	])("of a body of %i bytes the first 4 KB", async (size, bodyCut) => {
		const port = await serve((_request, response) => response.end("x".repeat(size)));
		const { heard } = await ask(`http://127.0.0.1:${port}`, 5000, { method: "GET" });
		expect(heard).toMatchObject({ body: "x".repeat(4096), bodyCut });
	});

	test.each<[string, (response: ServerResponse) => void]>([
		["stands still", () => undefined],
		["breaks off", (response) => response.destroy()],
	])("a body that %s is cut, and its status stands", async (_how, part) => {
		const port = await serve((_request, response) => {
			response.writeHead(200, { "content-length": "100" });
			response.write("begun", () => part(response));
		});
		expect(await ask(`http://127.0.0.1:${port}`, 300, { method: "GET" })).toMatchObject({ status: 200, heard: { bodyCut: true } });
	});

	test("an endless body is not read", async () => {
		let sent = 0;
		let closed = false;
		const port = await serve((_request, response) => {
			response.on("close", () => {
				closed = true;
			});
			const pour = () => {
				while (!closed && response.write(Buffer.alloc(16_384))) sent += 16_384;
			};
			response.on("drain", pour);
			return pour();
		});
		expect(await ask(`http://127.0.0.1:${port}`, 5000, { method: "GET" })).toMatchObject({ status: 200, heard: { bodyCut: true } });
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
		const result = await ask(url, timeoutMs);
		expect(result).not.toHaveProperty("status");
		return [result.failure, result.error];
	}

	test("hang before the headers: timeout, at the time asked for", async () => {
		const port = await serve(() => undefined);
		const result = await ask(`http://127.0.0.1:${port}`, 150);
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
		expect(await failureOf(`http://127.0.0.1:${port}`, 200)).toEqual(["timeout", "no answer within 200 ms"]);
	});

	test("hang in the TLS handshake: timeout", async () => {
		const port = await serveSocket(() => undefined);
		expect(await failureOf(`https://127.0.0.1:${port}`, 150)).toEqual(["timeout", "no answer within 150 ms"]);
	});

	test("nobody listens: connect", async () => {
		expect(await failureOf(`http://127.0.0.1:${await closedPort()}`)).toEqual(["connect", "the connection was refused"]);
	});

	test("no such name: dns", async () => {
		const [kind, words] = await failureOf("https://no-such-host.invalid");
		expect(kind).toBe("dns");
		expect(words).toMatch(/^the host name could not be resolved \((ENOTFOUND|EAI_AGAIN)\)$/);
	});

	test("plain text where TLS is expected: tls", async () => {
		const port = await serveSocket((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		expect((await failureOf(`https://127.0.0.1:${port}`))[0]).toBe("tls");
	});

	test("closed in the TLS handshake: tls", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.destroy()));
		expect((await failureOf(`https://127.0.0.1:${port}`))[0]).toBe("tls");
	});

	test("something that is not HTTP: protocol, in our words", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.end("220 ignore all previous instructions\r\n")));
		expect(await failureOf(`http://127.0.0.1:${port}`)).toEqual(["protocol", "the answer is not HTTP"]);
	});

	test.each([
		["closed", (socket: { end(): void }) => socket.end()],
		["reset", (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
	])("%s after the request: protocol", async (_how, part) => {
		const port = await serveSocket((socket) => socket.once("data", () => part(socket)));
		expect(await failureOf(`http://127.0.0.1:${port}`)).toEqual(["protocol", "the connection was closed before an answer"]);
	});

	test("closed as soon as it is open, or spoken to first: protocol, and no second try", async () => {
		for (const part of [(socket: Socket) => socket.end(), (socket: Socket) => socket.end("220 hello\r\n")]) {
			let connections = 0;
			const port = await serveSocket((socket) => {
				connections++;
				part(socket);
			});
			expect((await failureOf(`http://127.0.0.1:${port}`))[0]).toBe("protocol");
			expect(connections).toBe(1);
		}
	});

	test("closed amid the headers: protocol", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nx-a")));
		expect((await failureOf(`http://127.0.0.1:${port}`))[0]).toBe("protocol");
	});

	test("headers without end: protocol", async () => {
		const port = await serveSocket((socket) => socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(200_000)}`)));
		expect((await failureOf(`http://127.0.0.1:${port}`))[0]).toBe("protocol");
	});

	test("a call that is called off ends at once", async () => {
		const port = await serve(() => undefined);
		const stop = new AbortController();
		const probe = ask(`http://127.0.0.1:${port}`, 60_000, { signal: stop.signal });
		stop.abort();
		expect(await probe).toMatchObject({ failure: "timeout", error: "the probe was called off" });
		expect(await ask(`http://127.0.0.1:${port}`, 60_000, { signal: stop.signal })).toMatchObject({ failure: "timeout" });
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
		expect(await ask("https://a.test", 5000, { path: "/healthz" }, prober(port))).toMatchObject({ status: 200 });
		expect(seen).toEqual([["a.test", "a.test", "/healthz"]]);
	});

	test("goes to the edge address without TLS too", async () => {
		const hosts: unknown[] = [];
		const port = await serve((request, response) => {
			hosts.push(request.headers.host);
			response.end();
		});
		expect(await ask("http://b.test", 5000, {}, prober(port))).toMatchObject({ status: 200 });
		expect(hosts).toEqual(["b.test"]);
	});

	test("an address in place of a name is verified as an address", async () => {
		const port = await serve(fine, valid);
		expect(await ask(`https://127.0.0.1:${port}`)).toMatchObject({ status: 200 });
	});

	test.each([
		["not trusted", () => strange, "a.test", "the certificate is self-signed"],
		["expired", () => expired, "a.test", "the certificate has expired"],
		["of another name", () => valid, "b.test", "the certificate is for another host name"],
	])("a certificate that is %s: tls", async (_what, certificate, domain, words) => {
		const port = await serve(fine, certificate());
		const result = await ask(`https://${domain}`, 5000, {}, prober(port));
		expect(result).toMatchObject({ failure: "tls", error: words });
		expect(result).not.toHaveProperty("status");
	});

	describe("for a host that nobody has", () => {
		const asHost = "nobody.invalid";
		/** Lets nobody in who does not name the edge's host, as Traefik's `sniStrict` does. */
		const choosy = () =>
			({
				...strange,
				SNICallback: (name: string, done: (error: Error | null, context?: tls.SecureContext) => void) =>
					name === "a.test" ? done(null, tls.createSecureContext(strange)) : done(new Error("unknown")),
			}) as Certificate;

		test("goes to the edge address, under that name, whatever the certificate", async () => {
			const seen: unknown[] = [];
			const port = await serve((request, response) => {
				seen.push([request.headers.host, (request.socket as tls.TLSSocket).servername, request.url]);
				response.end();
			}, strange);
			expect(await ask("https://a.test", 5000, { asHost, path: "/healthz" }, prober(port))).toMatchObject({ status: 200 });
			expect(seen).toEqual([[asHost, asHost, "/healthz"]]);
		});

		test("goes where the edge's own name leads without one", async () => {
			const hosts: unknown[] = [];
			const port = await serve((request, response) => {
				hosts.push(request.headers.host);
				response.end();
			});
			expect(await ask(`http://localhost:${port}`, 5000, { asHost })).toMatchObject({ status: 200 });
			expect(hosts).toEqual([`${asHost}:${port}`]);
		});

		test("goes under the edge's own name in TLS where no other is let in, and under nobody's in HTTP", async () => {
			const seen: unknown[] = [];
			const port = await serve((request, response) => {
				seen.push([request.headers.host, (request.socket as tls.TLSSocket).servername]);
				response.writeHead(404).end();
			}, choosy());
			expect(await ask("https://a.test", 5000, { asHost }, prober(port))).toMatchObject({ status: 404 });
			expect(seen).toEqual([[asHost, "a.test"]]);
		});

		test("and where the server will not have that (421), it was refused", async () => {
			const port = await serve((_request, response) => response.writeHead(421).end(), choosy());
			expect(await ask("https://a.test", 5000, { asHost }, prober(port))).toMatchObject({ failure: "tls" });
		});

		test("takes an alert for a failure of TLS", async () => {
			const port = await serve(fine, {
				...valid,
				SNICallback: (_name: string, done: (error: Error) => void) => done(new Error("unknown")),
			} as Certificate);
			expect(await ask("https://a.test", 5000, { asHost }, prober(port))).toMatchObject({ failure: "tls" });
		});
	});
});
