import fc from "fast-check";
import { expect, test } from "vitest";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { runGate } from "../../../../src/engine/health/gate.ts";
import type { Clock } from "../../../../src/engine/ports/clock.ts";
import type { EdgeAnswer, EdgeQuestion, Prober } from "../../../../src/engine/ports/prober.ts";
import type { Edge } from "../../../../src/model/health.ts";
import { answer, edge, noAnswer, untrusted, url } from "./probes.ts";

/** What somebody says to a question; a silent one hangs, a rude one closes the connection. */
type Reply = { status: number; body: string; server?: string } | "silent" | "rude";

interface Ingress {
	/** For hosts that it has no route for, by path. */
	own: { healthz: Reply; root: Reply };
	/** Puts the name that was asked for into its own pages, and a number that is another each time. */
	chatty: boolean;
	/** It answers the health path itself, whatever the host: a monitor of its own. */
	intercepts: boolean;
	/** From when on it has a route to the app, and until when. */
	routedFromMs: number;
	routedUntilMs: number;
	balancing: "round robin" | "random";
}

interface Replica {
	head: "as GET" | 404 | 405;
	healthz: Reply;
	root: Reply;
}

interface World {
	ingress: Ingress;
	replicas: Replica[];
	retries: number;
	isNew: boolean;
	wasStrict: boolean;
	labelled: boolean;
	seed: number;
}

interface Asked {
	round: number;
	question: EdgeQuestion;
	from: "app" | "ingress";
	reply: Reply;
}

const never = Number.POSITIVE_INFINITY;
const reply = (...statuses: number[]): fc.Arbitrary<Reply> =>
	fc.record(
		{
			status: fc.constantFrom(...statuses),
			body: fc.constantFrom("", "ok", "404 page not found"),
			server: fc.constantFrom("Caddy", "nginx"),
		},
		{ requiredKeys: ["status", "body"] },
	);
const anyReply = fc.oneof(
	{ weight: 8, arbitrary: reply(200, 200, 200, 404, 404, 500, 503, 308) },
	{ weight: 1, arbitrary: fc.constant<Reply>("silent") },
	{ weight: 1, arbitrary: fc.constant<Reply>("rude") },
);
const ingress: fc.Arbitrary<Ingress> = fc.record({
	own: fc.record({ healthz: anyReply, root: anyReply }),
	chatty: fc.boolean(),
	intercepts: fc.boolean(),
	routedFromMs: fc.constantFrom(0, 0, 0, 5_000, 20_000, never),
	routedUntilMs: fc.constantFrom(never, never, 2_000, 22_000),
	balancing: fc.constantFrom<Ingress["balancing"]>("round robin", "random"),
});
const head = fc.constantFrom<Replica["head"]>("as GET", 404, 405);
const wellReplica: fc.Arbitrary<Replica> = fc.record({ head, healthz: reply(200), root: reply(200, 302, 404, 500) });
const anyReplica: fc.Arbitrary<Replica> = fc.record({ head, healthz: anyReply, root: anyReply });
const rest = { retries: fc.integer({ min: 1, max: 3 }), wasStrict: fc.boolean(), labelled: fc.boolean(), seed: fc.nat() };
const anyWorld: fc.Arbitrary<World> = fc.record({
	ingress,
	replicas: fc.oneof(
		wellReplica.map((one) => [one]),
		fc.array(fc.oneof(wellReplica, anyReplica), { minLength: 1, maxLength: 4 }),
	),
	isNew: fc.boolean(),
	...rest,
});

/** One gate's time, and who answers in it. */
class Play implements Prober {
	readonly asked: Asked[] = [];
	rounds = 1;
	readonly clock = {
		monotonic: () => this.#nowMs,
		sleep: async (ms: number) => {
			this.#nowMs += ms;
			this.rounds++;
		},
	} as Clock;
	readonly #world: World;
	#nowMs = 0;
	#turn = 0;
	#noise: number;

	constructor(world: World) {
		this.#world = world;
		this.#noise = world.seed;
	}

	async probe(question: EdgeQuestion): Promise<EdgeAnswer> {
		const { path, asHost } = question;
		const { own } = this.#world.ingress;
		const isOwn = !this.#isRouted(question);
		const reply = isOwn ? own[path === "/" ? "root" : "healthz"] : replyOf(this.#replica(), question);
		if (asHost === undefined) this.asked.push({ round: this.rounds, question, from: isOwn ? "ingress" : "app", reply });
		return this.#say(reply, question, isOwn && this.#world.ingress.chatty);
	}

	#isRouted({ path, asHost }: EdgeQuestion): boolean {
		const { intercepts, routedFromMs, routedUntilMs } = this.#world.ingress;
		if (asHost !== undefined || (intercepts && path === "/healthz")) return false;
		return this.#nowMs >= routedFromMs && this.#nowMs < routedUntilMs;
	}

	#replica(): Replica {
		const { replicas, ingress } = this.#world;
		const place = ingress.balancing === "random" ? this.#random(replicas.length) : this.#turn++ % replicas.length;
		return replicas[place] as Replica;
	}

	#say(reply: Reply, { method, asHost = "a.example" }: EdgeQuestion, isChatty: boolean): EdgeAnswer {
		if (reply === "silent") return noAnswer("timeout");
		if (reply === "rude") return noAnswer("protocol");
		const { status, server } = reply;
		const body = isChatty ? `${reply.body}<p>${asHost}</p><p>${this.#random(1_000_000)}</p>` : reply.body;
		const headers = { "content-length": String(body.length), date: String(this.#random(1_000_000)), ...(server ? { server } : {}) };
		return answer(status, method === "HEAD" ? "" : body, headers);
	}

	#random(below: number): number {
		this.#noise = (Math.imul(this.#noise, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((this.#noise / 2 ** 32) * below);
	}
}

/** Plays a whole gate: what was asked of the app's host, who answered, and the verdict. */
async function play(world: World): Promise<{ shown: Edge; asked: Asked[]; rounds: number }> {
	const prober = new Play(world);
	const known = edge({
		url,
		labelled: world.labelled,
		...(world.isNew ? { routeGraceMs: 30_000, certificateGraceMs: 60_000 } : {}),
		...(world.wasStrict ? { wasStrict: { at: "before", deploymentId: "dep-1" } } : {}),
	});
	const policy = { path: "/healthz", retries: world.retries, intervalMs: 700, timeoutMs: 1000 };
	const times = world.replicas.length > 1 ? 2 * world.replicas.length : 1;
	const { health } = await runGate({ prober, ids: randomIds, clock: prober.clock, untrusted }, [known], { policy, times });
	return { shown: health.edges[0] as Edge, asked: prober.asked, rounds: prober.rounds };
}

function replyOf({ head, healthz, root }: Replica, { path, method }: EdgeQuestion): Reply {
	if (path === "/") return root;
	return method === "HEAD" && head !== "as GET" ? { status: head, body: "" } : healthz;
}

function isWell(mode: Edge["mode"], said: Reply): boolean {
	if (typeof said === "string") return false;
	return mode === "strict" ? said.status === 200 : ![502, 503, 504].includes(said.status);
}

/** The last question on the judged path in each of the last N rounds: what the verdict rests on. */
function decisive({ shown, asked, rounds }: Awaited<ReturnType<typeof play>>, retries: number): Asked[] {
	return Array.from({ length: retries }, (_, index) => rounds - index).flatMap((round) => {
		const ofRound = asked.filter((one) => one.round === round && one.question.path === shown.path);
		const { method } = ofRound.at(-1)?.question ?? {};
		return ofRound.filter(({ question }) => question.method === method);
	});
}

const runs = { numRuns: 500 };
/** Wide: many tests share the machine. */
const timeout = 60_000;

/** Seldom met by chance, as the next: no health endpoint, and a front page just like the ingress's own, where no label of ours routes the host. */
const likeItsIngress: World = {
	ingress: {
		own: { healthz: { status: 500, body: "" }, root: { status: 200, body: "" } },
		chatty: false,
		intercepts: false,
		routedFromMs: 0,
		routedUntilMs: never,
		balancing: "round robin",
	},
	replicas: [{ head: "as GET", healthz: { status: 404, body: "404 page not found" }, root: { status: 200, body: "" } }],
	retries: 2,
	isNew: false,
	wasStrict: false,
	labelled: false,
	seed: 1,
};

/** No health endpoint, and a front page that fails. */
const illAtItsFront: World = {
	...likeItsIngress,
	replicas: [{ head: "as GET", healthz: { status: 404, body: "404 page not found" }, root: { status: 503, body: "ill" } }],
};

test("healthy means that the app answered, and well, every time in each of the last N rounds", { timeout }, async () => {
	const ends = new Set<string>();
	await fc.assert(
		fc.asyncProperty(anyWorld, async (world) => {
			const played = await play(world);
			const { shown } = played;
			ends.add(`${shown.verdict} ${shown.mode}`);
			if (shown.verdict !== "healthy") return;
			const last = decisive(played, world.retries);
			expect(last.length).toBeGreaterThanOrEqual(world.retries);
			for (const { from, reply: said } of last) expect([from, isWell(shown.mode, said)]).toEqual(["app", true]);
			if (shown.mode === "strict") return;
			expect(world.wasStrict).toBe(false);
		}),
		{ ...runs, examples: [[likeItsIngress], [illAtItsFront]] },
	);
	expect([...ends].sort()).toEqual([
		"healthy lenient",
		"healthy strict",
		"inconclusive lenient",
		"inconclusive strict",
		"unhealthy lenient",
		"unhealthy strict",
	]);
});

test("a bad replica is not passed over by an ingress that asks one after the other", { timeout }, async () => {
	const bad = fc.record({ head: fc.constant("as GET" as const), healthz: reply(500, 503), root: reply(200) });
	const worlds = anyWorld.chain((world) =>
		fc.tuple(bad, fc.array(wellReplica, { minLength: 1, maxLength: 5 })).map(([ill, well]) => ({
			...world,
			ingress: { ...world.ingress, intercepts: false, balancing: "round robin" as const },
			replicas: [ill, ...well],
		})),
	);
	await fc.assert(
		fc.asyncProperty(worlds, async (world) => {
			expect((await play(world)).shown.verdict).not.toBe("healthy");
		}),
		runs,
	);
});

/**
 * Whether a visitor who sees both could tell them apart, on the health path or on `/`. An endpoint that answered once, and is now
 * a 404 that may be the ingress's, is taken for gone.
 */
function isTellable({ ingress: { own, chatty, intercepts }, replicas, wasStrict }: World): boolean {
	if (wasStrict && intercepts && typeof own.healthz === "object" && own.healthz.status === 404) return false;
	const differs = (one: Reply, other: Reply) => JSON.stringify(one) !== JSON.stringify(other);
	if (chatty) return true;
	return replicas.every(
		({ healthz, root }) => (!intercepts && differs(healthz, own.healthz)) || (differs(root, own.root) && isReachable(root)),
	);
}

function isReachable(root: Reply): boolean {
	return isWell("lenient", root);
}

test("an app that answered well on every replica is not unhealthy", { timeout }, async () => {
	const worlds = anyWorld.chain((world) =>
		fc.tuple(wellReplica, fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0, 5_000, 20_000)).map(([well, count, routedFromMs]) => ({
			...world,
			isNew: routedFromMs > 0 || world.isNew,
			ingress: { ...world.ingress, routedFromMs, routedUntilMs: never },
			replicas: Array.from({ length: count }, () => well),
		})),
	);
	const verdicts = new Map<string, number>();
	await fc.assert(
		fc.asyncProperty(worlds.filter(isTellable), async (world) => {
			const { shown } = await play(world);
			verdicts.set(shown.verdict, (verdicts.get(shown.verdict) ?? 0) + 1);
			expect(shown).not.toMatchObject({ verdict: "unhealthy" });
		}),
		runs,
	);
	// It is not by saying nothing that the rule is kept.
	expect(verdicts.get("healthy") ?? 0).toBeGreaterThan(runs.numRuns / 4);
});

test("a gate ends: 10 N rounds and the graces at the most", { timeout }, async () => {
	await fc.assert(
		fc.asyncProperty(anyWorld, async (world) => {
			const { shown } = await play(world);
			// Of each of two modes, and what the longest grace takes.
			expect(shown.attempts).toBeLessThanOrEqual(10 * world.retries + Math.ceil(60_000 / 700) + 1);
		}),
		runs,
	);
});
