import { describe, expect, test } from "vitest";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { OwnAnswers } from "../../../../src/engine/health/own-answers.ts";
import { askRound, nobodys } from "../../../../src/engine/health/round.ts";
import type { EdgeAnswer, EdgeQuestion, Prober } from "../../../../src/engine/ports/prober.ts";
import { answer, noAnswer, untrusted, url } from "./probes.ts";

type Answers = Record<string, EdgeAnswer>;

/** Answers by method and path, for the app's host and for every other; what is asked of the app is remembered. */
function standIn(app: Answers, ingress: Answers, before?: () => void): Prober & { asked: string[]; waited: number[] } {
	const asked: string[] = [];
	const waited: number[] = [];
	return {
		asked,
		waited,
		async probe({ method, path, asHost }: EdgeQuestion, timeoutMs) {
			before?.();
			if (!asHost) asked.push(`${method} ${path}`);
			if (!asHost) waited.push(timeoutMs);
			const answers = asHost ? ingress : app;
			return answers[`${method} ${path}`] ?? answers.any ?? noAnswer("connect");
		},
	};
}

const order = { url, path: "/healthz", times: 1, timeoutMs: 1000, nobody: ["x.invalid", "yy.invalid"] };
const never = new AbortController().signal;
const unknown = { any: answer(404, "404 page not found") };

async function ask(prober: Prober, over: Partial<typeof order> = {}) {
	const { sightings, root } = await askRound({ prober, untrusted }, { ...order, own: new OwnAnswers(), ...over }, never);
	return { seen: sightings.map(({ answer: { status, failure }, whose }) => `${status ?? failure} ${whose}`), root };
}

describe("a round", () => {
	test("asks by HEAD, and no more where that tells", async () => {
		const prober = standIn({ "HEAD /healthz": answer(200) }, unknown);
		expect(await ask(prober)).toEqual({ seen: ["200 app"] });
		expect(prober.asked).toEqual(["HEAD /healthz"]);
	});

	test.each([404, 405, 501])("asks by GET where HEAD is answered %i, in what is left of the time", async (refused) => {
		const head = { ...answer(refused), latencyMs: 400 };
		const prober = standIn({ "HEAD /healthz": head, "GET /healthz": answer(503, "ill") }, unknown);
		expect(await ask(prober)).toMatchObject({ seen: ["503 app"] });
		expect(prober.asked).toEqual(["HEAD /healthz", "GET /healthz"]);
		expect(prober.waited).toEqual([1000, 600]);
	});

	test("asks by GET where HEAD does not tell whose answer it is: a body does", async () => {
		const prober = standIn({ "HEAD /healthz": answer(200), "GET /healthz": answer(200, "ok") }, { any: answer(200) });
		expect(await ask(prober)).toEqual({ seen: ["200 app"] });
	});

	test("keeps what HEAD said where GET was asked too soon after it, and nobody knows", async () => {
		const limited = { any: answer(429) };
		const prober = standIn({ "HEAD /healthz": answer(200), "GET /healthz": answer(429) }, limited);
		expect(await ask(prober)).toEqual({ seen: ["200 unknown"] });
		expect(await ask(standIn({ "HEAD /healthz": answer(405), "GET /healthz": answer(429) }, limited))).toMatchObject({
			seen: ["429 ingress"],
		});
	});

	test("asks / where no body tells", async () => {
		const empty = { any: answer(200) };
		const reached = standIn({ "HEAD /healthz": answer(200), "GET /healthz": answer(200), "GET /": answer(200, "hello") }, empty);
		expect(await ask(reached)).toEqual({ seen: ["200 ingress"], root: "app" });
		expect(await ask(standIn(empty, empty))).toEqual({ seen: ["200 ingress"], root: "ingress" });
		const silent = standIn({ ...empty, "GET /": answer(200) }, { ...empty, "GET /": noAnswer("timeout") });
		expect(await ask(silent)).toEqual({ seen: ["200 ingress"], root: "unknown" });
	});

	test.each([502, 503, 504])("takes no %i of / for the app's", async (status) => {
		expect(await ask(standIn({ any: unknown.any, "GET /": answer(status) }, unknown))).toMatchObject({ root: "ingress" });
	});

	test("asks / itself no second time", async () => {
		const prober = standIn(unknown, unknown);
		expect(await ask(prober, { path: "/" })).toEqual({ seen: ["404 ingress"] });
		expect(prober.asked).toEqual(["HEAD /", "GET /"]);
	});

	test("of several replicas asks all anew by GET, so that the bad one does not hide", async () => {
		let count = 0;
		const prober: Prober = {
			async probe({ method, asHost }) {
				if (asHost) return unknown.any;
				if (method === "HEAD") return answer(++count === 1 ? 404 : 200);
				return answer(200, "ok");
			},
		};
		expect(await ask(prober, { times: 4 })).toMatchObject({ seen: ["200 app", "200 app", "200 app", "200 app"] });
	});

	test("asks as often as it is told, side by side", async () => {
		let open = 0;
		let most = 0;
		const prober: Prober = {
			async probe() {
				most = Math.max(most, ++open);
				await new Promise((resolve) => setImmediate(resolve));
				open--;
				return noAnswer("connect");
			},
		};
		expect((await ask(prober, { times: 8 })).seen).toEqual(Array.from({ length: 8 }, () => "connect unknown"));
		expect(most).toBe(10);
	});

	test("that is called off counts for nothing", async () => {
		const stop = new AbortController();
		const prober = standIn({}, {}, () => stop.abort(new Error("worker stops")));
		await expect(askRound({ prober, untrusted }, { ...order, own: new OwnAnswers() }, stop.signal)).rejects.toThrow("worker stops");
	});
});

test("hosts that nobody has are of different length, and others each time", () => {
	const [one = "", other = ""] = nobodys(randomIds);
	expect(one).toMatch(/^[a-z0-9-]+\.invalid$/);
	expect(other).toMatch(/^[a-z0-9-]+\.invalid$/);
	expect(other.length).not.toBe(one.length);
	expect(nobodys(randomIds)).not.toContain(one);
});
