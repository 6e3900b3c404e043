import { expect, test } from "vitest";
import { runGate } from "../../../../src/engine/health/gate.ts";
import type { EdgeAnswer, EdgeQuestion } from "../../../../src/engine/ports/prober.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { answer, edge, policy, untrusted } from "./probes.ts";

type Random = (below: number) => number;
/** What is said to a host without a route: the app's, and those that nobody has. */
type Face = (random: Random, turn: number) => { status?: number; headers?: Record<string, string>; body: string };

const page = (inside: string) => `<html><p>${inside}</p></html>`;
const faces: Record<string, Face> = {
	"two nodes, by chance": (random) => ({ headers: { "x-node": `n${random(2)}` }, body: page("hello") }),
	"two nodes, in turn": (_, turn) => ({ headers: { "x-node": `n${turn % 2}` }, body: page("hello") }),
	"three nodes, in turn": (_, turn) => ({ headers: { "x-node": `n${turn % 3}` }, body: page("hello") }),
	"nodes of two versions": (random) => {
		const server = `nginx/1.${22 + 2 * random(2)}`;
		return { headers: { server }, body: page(server) };
	},
	"a number": (random) => ({ body: page(`${random(1000)} ms`) }),
	"one of three advertisements": (random) => ({ body: page(["<a>a</a>", "<a>bb</a>", "<i>ccc</i>"][random(3)] ?? "") }),
	"every other time an error": (random) => (random(2) ? { body: page("hello") } : { status: 503, body: "error" }),
};

/** mulberry32: the same numbers from the same seed, on every machine. */
function generator(seed: number): Random {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
	};
}

async function verdictOf(say: (question: EdgeQuestion, random: Random, turn: number) => EdgeAnswer, seed: number, retries: number) {
	const clock = new VirtualClock();
	const random = generator(seed);
	let turn = 0;
	let names = 0;
	const ids = { next: (kind: string) => `${kind}-${++names}` };
	const prober = { probe: async (question: EdgeQuestion) => say(question, random, turn++) };
	const known = edge({ routeGraceMs: 30_000 });
	const asking = { policy: policy({ retries, intervalMs: 3000 }), times: 1 };
	let verdict: string | null = null;
	await clock.run(
		(async () => {
			verdict = (await runGate({ prober, clock, ids, untrusted }, [known], asking)).health.verdict;
		})(),
	);
	return verdict;
}

function said({ status = 200, headers = {}, body }: ReturnType<Face>, { method }: EdgeQuestion): EdgeAnswer {
	return answer(status, method === "GET" ? body : "", { ...headers, "content-length": String(body.length) });
}

/** Of a hundred gates as many may be deceived: what shows one face a dozen times, and another when it counts, cannot be found out. */
test.for(
	Object.entries(faces).flatMap(([name, face]) =>
		(
			[
				[1, 2],
				[3, 0],
			] as const
		).map(([retries, most]) => ({ name, face, retries, most })),
	),
)("an ingress without a route that has $name is not taken for the app in $retries rounds", async ({ face, retries, most }) => {
	const seeds = Array.from({ length: 100 }, (_, index) => index + 1);
	const verdicts = await Promise.all(seeds.map((seed) => verdictOf((question, ...luck) => said(face(...luck), question), seed, retries)));
	expect(verdicts.filter((verdict) => verdict === "healthy").length).toBeLessThanOrEqual(most);
});

test.each(Object.entries(faces))("and an app behind one that has %s is found", async (_name, face) => {
	const app = { headers: { "content-type": "text/plain" }, body: "ok" };
	for (let seed = 1; seed <= 20; seed++) {
		const say = (question: EdgeQuestion, ...luck: Parameters<Face>) => said(question.asHost ? face(...luck) : app, question);
		expect(await verdictOf(say, seed, 3)).toBe("healthy");
	}
});
