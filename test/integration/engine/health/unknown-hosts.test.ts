import { expect, it } from "vitest";
import { HttpProber } from "../../../../src/adapters/http/http-prober.ts";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { runGate } from "../../../../src/engine/health/gate.ts";
import type { Verdict } from "../../../../src/model/health.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";
import { makeCertificate } from "../../../support/certificate.ts";
import { serve } from "../../../support/server.ts";
import {
	answerAs,
	caddy,
	catchAll,
	catchAllByName,
	catchAllThatChanges,
	nginx404,
	nginx444,
	nginx503,
	nginxDefaultSite,
	redirectToHttps,
	traefik,
	type UnknownHost,
} from "../../../support/unknown-hosts.ts";

const host = "app.test";
const ingresses: [string, UnknownHost][] = Object.entries({
	...{ traefik, caddy, nginx404, nginx444, nginx503, nginxDefaultSite },
	...{ catchAll, catchAllByName, catchAllThatChanges: catchAllThatChanges(), redirectToHttps },
});
/** What a good app may answer at `/healthz`; at `/` it has a page. */
const apps: [string, (method: string) => { status: number; body: string }][] = [
	["200 with a body", () => ({ status: 200, body: "ok" })],
	["200 without a body", () => ({ status: 200, body: "" })],
	["404 to HEAD and 200 to GET", (method) => (method === "HEAD" ? { status: 404, body: "" } : { status: 200, body: "ok" })],
	["405 to HEAD and 200 to GET", (method) => (method === "HEAD" ? { status: 405, body: "" } : { status: 200, body: "ok" })],
];

async function verdictOf(port: number, scheme: "http" | "https", path: string): Promise<Verdict | null> {
	const prober = new HttpProber({ version: "0.0.0", edgeAddress: { host: "127.0.0.1", port } });
	const edge = { url: `${scheme}://${host}`, routeGraceMs: 0, certificateGraceMs: 0, labelled: true };
	const policy = { path, retries: 2, intervalMs: 100, timeoutMs: 5_000 };
	const ports = { prober, ids: randomIds, clock: systemClock, untrusted: new Untrusted(new Redactor()) };
	return (await runGate(ports, [edge], { policy, times: 1 })).health.verdict;
}

it.for(ingresses)("%s is not taken for an app, whatever path is asked, with TLS or without", async ([, unknown]) => {
	const plain = await serve((request, response) => answerAs(unknown, request, response));
	for (const path of ["/healthz", "/"]) expect(await verdictOf(plain, "http", path)).toBe("unhealthy");
	const secure = await serve((request, response) => answerAs(unknown, request, response), await makeCertificate(["DNS:other.test"]));
	expect(await verdictOf(secure, "https", "/healthz")).not.toBe("healthy");
});

it.for(ingresses)("behind %s every good app is found, and no ill one is called good", async ([, unknown]) => {
	for (const [what, answer] of apps) {
		let isIll = false;
		const port = await serve((request, response) => {
			if (request.headers.host !== host) return answerAs(unknown, request, response);
			const { status, body } = request.url === "/" ? { status: 200, body: "the page of the app" } : answer(request.method ?? "GET");
			response.writeHead(isIll ? 500 : status, { "content-type": "text/plain" }).end(body);
		});
		expect([what, await verdictOf(port, "http", "/healthz")]).toEqual([what, "healthy"]);
		isIll = true;
		expect([what, await verdictOf(port, "http", "/healthz")]).toEqual([what, "unhealthy"]);
	}
});
