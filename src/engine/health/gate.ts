// Runs a health gate: asks the edges round by round, feeds what comes to the rules of `edge-gate.ts`, and waits in between.
import type { Application, HealthPolicy } from "../../model/application.ts";
import type { Baseline, Edge, EdgeSighting, Health } from "../../model/health.ts";
import type { ObservedService } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { replicasOf } from "../service/revision.ts";
import { decidedEdge, type EdgeGate, openEdgeGate, sightingOf, takeRound } from "./edge-gate.ts";
import { edgeUrls, type KnownEdge, knownEdges } from "./known-edge.ts";
import { OwnAnswers } from "./own-answers.ts";
import { withoutWords } from "./reading.ts";
import { type ReleaseName, releaseNameOf } from "./release-name.ts";
import { askRound, lookAgain, nobodys, type Round } from "./round.ts";
import { judgeApplication } from "./verdict.ts";

/** Twice for every replica, that a balancing ingress comes round to each; side by side, so not without end. */
const mostAtOnce = 40;

export interface GateOrder {
	application: Application;
	/** As it is now. */
	service: ObservedService | undefined;
	/** Of the release that runs. */
	baseline: Baseline;
	/** It was put there a moment ago. */
	isFresh: boolean;
	/** Whether tasks of an older release may answer now; absent: they have all ended. */
	olderMayAnswer?: () => boolean;
	/** These alone, of the application's edges. */
	urls?: readonly string[];
	/** In place of the application's own. */
	intervalMs?: number;
	/** Told of every round of an edge, whether it was good. */
	onRound?: (url: string, isGood: boolean) => void;
	signal?: AbortSignal;
}

export interface Judged {
	health: Health;
	/** To be remembered, where the caller may write. */
	sightings: EdgeSighting[];
}

type RunPorts = Pick<Engine, "prober" | "clock" | "ids" | "untrusted">;
type GatePorts = RunPorts & Pick<Engine, "store" | "settings">;

/**
 * Judges an application by its edges: a deploy's gate, an unchanged deploy, a gate that is resumed, a bake and a question by hand
 * alike. Ends by itself, see `runGate`.
 * @throws the signal's reason when aborted
 */
export async function judgeEdges(ports: GatePorts, order: GateOrder): Promise<Judged> {
	const { application, service, urls, intervalMs, ...rest } = order;
	const { applicationId, config } = application;
	const edges = knownEdges({
		...order,
		ingress: ports.settings.ingress,
		records: ports.store.listEdges(applicationId),
		now: ports.clock.now(),
	});
	const times = timesOf(service ? replicasOf(service) : config.replicas);
	const policy = intervalMs === undefined ? config.health : { ...config.health, intervalMs };
	const run = { ...rest, policy, times, release: releaseNameOf(policy, service) };
	return runGate(ports, urls ? edges.filter(({ url }) => urls.includes(url)) : edges, run);
}

function timesOf(replicas: number): number {
	return replicas > 1 ? Math.min(2 * replicas, mostAtOnce) : 1;
}

export interface GateRun extends Pick<GateOrder, "olderMayAnswer" | "onRound" | "signal"> {
	policy: HealthPolicy;
	/** Each round asks an edge so often. */
	times: number;
	/** What an answer has to say to count. */
	release?: ReleaseName | undefined;
}

/**
 * Asks all edges side by side until each is decided. An edge is asked again `intervalMs` after its last answer. Ends by itself:
 * after 10 × `retries` counted rounds per edge at the latest, and the graces before them.
 *
 * @throws the signal's reason when aborted
 */
export async function runGate(ports: RunPorts, edges: readonly KnownEdge[], run: GateRun): Promise<Judged> {
	const startedAt = ports.clock.monotonic();
	const failed = new AbortController();
	const signal = run.signal ? AbortSignal.any([run.signal, failed.signal]) : failed.signal;
	try {
		const gates = await Promise.all(edges.map((edge) => runEdgeGate(ports, openEdgeGate(edge, run.policy), { ...run, signal }, startedAt)));
		const judged = gates.map(({ edge }) => edge);
		return { health: { verdict: judgeApplication(judged), edges: judged }, sightings: gates.map(({ gate }) => sightingOf(gate)) };
	} finally {
		// Where one edge's loop threw, the others must not probe on.
		failed.abort();
	}
}

async function runEdgeGate(
	ports: RunPorts,
	opened: EdgeGate,
	{ policy, times, release, olderMayAnswer, onRound, signal }: GateRun & { signal: AbortSignal },
	startedAt: number,
): Promise<{ gate: EdgeGate; edge: Edge }> {
	const { clock, ids } = ports;
	const { url } = opened.known;
	const fixed = { url, times, timeoutMs: policy.timeoutMs, nobody: nobodys(ids), own: new OwnAnswers(), release };
	let gate = opened;
	let streak: { from: EdgeGate; rounds: Round[] } = { from: opened, rounds: [] };
	for (;;) {
		const order = { ...fixed, path: gate.path, olderMayAnswer: olderMayAnswer?.() ?? false };
		const round = await askRound(ports, order, signal);
		const elapsedMs = clock.monotonic() - startedAt;
		const next = takeRound(gate, round, elapsedMs);
		streak = goesOn(gate, next) ? { ...streak, rounds: [...streak.rounds, round] } : { from: gate, rounds: [round] };
		gate = next;
		if (gate.decision?.verdict === "healthy") {
			const again = await lookAgain(ports, order, streak.rounds, signal);
			gate = again.reduce((before, one) => takeRound(before, one, elapsedMs), streak.from);
			streak = { from: gate, rounds: [] };
		}
		onRound?.(url, gate.streak?.kind === "pass");
		const edge = decidedEdge(gate);
		if (edge) return { gate, edge };
		// An abort ends the wait early; the next round then throws the signal's own reason.
		await clock.sleep(policy.intervalMs, signal);
	}
}

/** The streak of `before` was not broken. */
function goesOn({ streak: before }: EdgeGate, { streak: after }: EdgeGate): boolean {
	return before !== undefined && after !== undefined && before.kind === after.kind && after.length >= before.length;
}

/** One round per edge, side by side: what the edges answered before the swap. */
export async function probeBaseline(
	ports: Pick<Engine, "prober" | "ids" | "untrusted" | "settings">,
	application: Application,
	signal: AbortSignal,
): Promise<Baseline> {
	const { path, timeoutMs } = application.config.health;
	const entries = edgeUrls(application, ports.settings.ingress.edgeScheme).map(async (url) => {
		const order = { url, path, times: 1, timeoutMs, nobody: nobodys(ports.ids), own: new OwnAnswers() };
		const round = await askRound(ports, order, signal);
		return [url, { result: withoutWords(round.sightings[0]?.answer ?? { latencyMs: 0 }) }] as const;
	});
	return Object.fromEntries(await Promise.all(entries));
}
