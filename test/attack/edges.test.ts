import type { Server, Socket } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HttpProber } from "../../src/adapters/http/http-prober.ts";
import { randomIds } from "../../src/adapters/random-ids.ts";
import { OwnAnswers } from "../../src/engine/health/own-answers.ts";
import { withoutWords } from "../../src/engine/health/reading.ts";
import { askRound, nobodys } from "../../src/engine/health/round.ts";
import type { ProbeResult } from "../../src/model/health.ts";
import { Redactor } from "../../src/redact.ts";
import { Untrusted } from "../../src/untrusted.ts";
import { inWhole } from "../support/attack-part.ts";
import { makeCertificate } from "../support/certificate.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { edgeWords, type HostileEdge, hostileEdges } from "../support/hostile-edges.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { serve, serveSocket } from "../support/server.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

const timeoutMs = 400;
/** Of both sides, the server's buffers too. What goes by until the time is over is not kept. */
const mostMemoryBytes = 400_000_000;

describe("A hostile edge", () => {
	for (const edge of hostileEdges) (edge.quick ? it : inWhole)(`that ${phrase(edge)} is told from an answer, in time`, () => probe(edge));

	inWhole.each([301, 302, 303, 307, 308])("that redirects to an inner host (%i) is not followed", async (status) => {
		let visits = 0;
		const inner = await serve((_request, response) => {
			visits++;
			response.end("inner");
		});
		const port = await serve((_request, response) => response.writeHead(status, { location: `http://127.0.0.1:${inner}/admin` }).end());
		expect(await ask(`http://127.0.0.1:${port}`, 5000)).toMatchObject({ status });
		expect(visits).toBe(0);
	});

	it.each([
		["of another host", ["DNS:other.test"], 1],
		["that has expired", ["IP:127.0.0.1"], -1],
		["that nobody vouches for", ["IP:127.0.0.1"], 1],
	])("with a certificate %s is never an answer", async (_what, names, days) => {
		const port = await serve((_request, response) => response.end("ok"), await makeCertificate(names, days));
		const result = await ask(`https://127.0.0.1:${port}`, 5000);
		expect(result).toMatchObject({ failure: "tls" });
		expect(result).not.toHaveProperty("status");
	});

	inWhole("that speaks nothing newer than TLS 1.1 is never an answer", async () => {
		const options = {
			...(await makeCertificate(["IP:127.0.0.1"])),
			maxVersion: "TLSv1.1" as const,
			minVersion: "TLSv1" as const,
			ciphers: "DEFAULT@SECLEVEL=0",
		};
		const server = tls.createServer(options, (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
		await using port = await listening(server);
		expect(await ask(`https://127.0.0.1:${port.number}`, 5000)).toMatchObject({ failure: "tls" });
	});
});

describe("An application whose edges are hostile", () => {
	let bed: TestBed;
	let repo: ProjectRepo;
	let edge: HostileEdge | undefined;
	let server: Deploymill;

	beforeAll(async () => {
		bed = await TestBed.open();
		const usual = await bed.server();
		repo = await bed.project("edge", { project: { health: { path: "/healthz", retries: 1, intervalMs: 100, timeoutMs } } });
		await usual.reconcile(repo.repoUrl);
		expect(await usual.deployment("deploy", { applicationId: repo.name })).toMatchObject({ outcome: "live" });
	});
	afterAll(() => bed.close());

	it("is never called healthy for what is no answer, and the call ends", async () => {
		const port = await serveSocket((socket) => edge?.serve(socket));
		server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: `127.0.0.1:${port}` });
		const chosen = hostileEdges.filter(({ statuses, secure }) => statuses.length === 0 && !secure).filter(({ quick }) => quick);
		for (edge of chosen) {
			const { verdict, edges } = await server.ok("get_app_health", { applicationId: repo.name });
			expect([edge.what, ["unhealthy", "inconclusive"].includes(String(verdict))]).toEqual([edge.what, true]);
			expect(JSON.stringify(edges)).not.toContain(edgeWords);
			await server.client.ping();
		}
	});
});

function phrase({ what, secure }: HostileEdge): string {
	return `sends or does: ${what}${secure ? " (https)" : ""}`;
}

const prober = new HttpProber({ version: "1.0.0" });
const untrusted = new Untrusted(new Redactor());

/** What is kept of an answer, as a gate asks: what was heard is compared, and goes no further. */
async function ask(url: string, timeoutMs: number): Promise<ProbeResult> {
	const question = { url, path: "/healthz", times: 1, timeoutMs, nobody: nobodys(randomIds), own: new OwnAnswers() };
	const { sightings } = await askRound({ prober, untrusted }, question, new AbortController().signal);
	const [seen] = sightings;
	if (seen?.answer.heard) expect(seen.answer.heard.body.length).toBeLessThanOrEqual(4096);
	return withoutWords(seen?.answer ?? { latencyMs: 0 });
}

async function probe({ serve: handle, statuses, secure }: HostileEdge): Promise<void> {
	const sockets = new Set<Socket>();
	const port = await serveSocket((socket) => {
		sockets.add(socket);
		// Without a reader it would not notice that the other side left.
		socket.resume();
		socket.on("close", () => sockets.delete(socket));
		handle(socket);
	});
	const before = process.memoryUsage().rss;
	const result = await ask(`${secure ? "https" : "http"}://127.0.0.1:${port}`, timeoutMs);
	if (statuses.length === 0) expect(result).not.toHaveProperty("status");
	// A parser may also refuse what could be read; what it takes is one of these.
	if ("status" in result) expect(statuses).toContain(result.status);
	else expect(result).toMatchObject({ failure: expect.stringMatching(/^(timeout|protocol|tls|connect)$/), error: expect.any(String) });
	expect(JSON.stringify(result)).not.toContain(edgeWords);
	await until(
		async () => sockets.size,
		(open) => open === 0,
	);
	expect(process.memoryUsage().rss - before).toBeLessThan(mostMemoryBytes);
}

async function listening(server: Server): Promise<AsyncDisposable & { number: number }> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return {
		number: typeof address === "object" && address ? address.port : 0,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
	};
}
