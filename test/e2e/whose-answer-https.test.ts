import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory, atTheEdges } from "../support/app-story.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { StandInIngress } from "../support/stand-in-ingress.ts";
import { TestBed } from "../support/test-bed.ts";
import { catchAll, traefik, type UnknownHost } from "../support/unknown-hosts.ts";

describe.concurrent("An ingress that asks for the certificate of a new host, and shows its own until then", () => {
	let bed: TestBed;
	/** What Traefik calls its default certificate: of no host, and nobody vouches for it. */
	let ofTheIngress: Certificate;
	/** Somebody vouches for it, and it is another host's. */
	let ofAnotherHost: Certificate;

	beforeAll(async () => {
		bed = await TestBed.open();
		[ofTheIngress, ofAnotherHost] = await Promise.all([makeCertificate(["DNS:traefik.default"]), makeCertificate(["DNS:other.test"])]);
	});
	afterAll(() => bed.close());

	/** A server that trusts the host's certificate, behind an ingress that shows another one. */
	async function behind(label: string, shown: Certificate, unknown: UnknownHost = traefik) {
		const ingress = await StandInIngress.start(bed.sandbox.edgeAddress, unknown, shown);
		const own = await makeCertificate([`DNS:${bed.named(label)}.test`]);
		await writeFile(bed.path(`${label}.pem`), [own.cert, ofAnotherHost.cert].join("\n"));
		const server: Deploymill = await bed.server({
			DEPLOYMILL_EDGE_ADDRESS: ingress.address,
			DEPLOYMILL_EDGE_SCHEME: "https",
			NODE_EXTRA_CA_CERTS: bed.path(`${label}.pem`),
		});
		const app = await AppStory.begin(bed, server, label);
		return { ingress, own, server, app, [Symbol.asyncDispose]: () => ingress[Symbol.asyncDispose]() };
	}

	it("which comes 20 s late: a good app is healthy", async ({ expect }) => {
		await using bench = await behind("late", ofTheIngress);
		const { ingress, own, server, app } = bench;
		ingress.route(app.repo.host);
		ingress.certify(app.repo.host, own, 20_000);
		const one = await app.release({ version: "one" });
		expect(one).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "strict", status: 200 }] } });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "healthy" });
	});

	it("which comes 20 s late: an ill app is not", async ({ expect }) => {
		await using bench = await behind("late-ill", ofTheIngress);
		const { ingress, own, app } = bench;
		ingress.route(app.repo.host);
		ingress.certify(app.repo.host, own, 20_000);
		const one = await app.release({ version: "one", ...atTheEdges(503) });
		expect(one).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy", edges: [{ status: 503 }] } });
	});

	it("which never comes: nobody can tell, and get_app_health says no other thing", async ({ expect }) => {
		await using bench = await behind("never", ofTheIngress);
		const { ingress, server, app } = bench;
		ingress.route(app.repo.host);
		const unknown = {
			verdict: "inconclusive",
			edges: [{ verdict: "inconclusive", error: expect.stringMatching(/certificate/) }],
		};
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live", health: unknown });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject(unknown);
	});

	it("and the one that it shows is another host's, which counts as none", async ({ expect }) => {
		await using bench = await behind("other", ofAnotherHost, catchAll);
		const { ingress, server, app } = bench;
		ingress.route(app.repo.host);
		const unknown = {
			verdict: "inconclusive",
			edges: [{ verdict: "inconclusive", error: expect.stringMatching(/the certificate is for another host name/) }],
		};
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live", health: unknown });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject(unknown);
	});

	it("and has it at once, for a page of its own: that is not the app", async ({ expect }) => {
		await using bench = await behind("page", ofTheIngress, catchAll);
		const { ingress, own, server, app } = bench;
		ingress.certify(app.repo.host, own);
		const notRouted = { verdict: "unhealthy", edges: [{ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] };
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live_unhealthy", health: notRouted });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject(notRouted);
		ingress.route(app.repo.host);
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "healthy" });
	});
});
