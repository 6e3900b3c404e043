// Runs a health gate: asks the edges round by round, feeds what comes to the rules of `edge-gate.ts`, and waits in between.
import type { Application, HealthPolicy } from "../../model/application.ts";
import type { Baseline, Edge, EdgeSighting, Health } from "../../model/health.ts";
import type { ObservedService } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Prober } from "../ports/prober.ts";
import { replicasOf } from "../service/revision.ts";
import { decidedEdge, type EdgeGate, openEdgeGate, sightingOf, takeRound } from "./edge-gate.ts";
import { edgeUrls, type KnownEdge, knownEdges } from "./known-edge.ts";
import { withoutWords } from "./reading.ts";
import { askRound, nobodys } from "./round.ts";
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

type GatePorts = Pick<Engine, "prober" | "clock" | "ids" | "store" | "settings">;

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
	return runGate(ports, urls ? edges.filter(({ url }) => urls.includes(url)) : edges, { ...rest, policy, times });
}

function timesOf(replicas: number): number {
	return replicas > 1 ? Math.min(2 * replicas, mostAtOnce) : 1;
}

export interface GateRun extends Pick<GateOrder, "onRound" | "signal"> {
	policy: HealthPolicy;
	/** Each round asks an edge so often. */
	times: number;
}

/**
 * Asks all edges side by side until each is decided. An edge is asked again `intervalMs` after its last answer. Ends by itself:
 * after 10 × `retries` counted rounds per edge at the latest, and the graces before them.
 *
 * @throws the signal's reason when aborted
 */
export async function runGate(
	ports: { prober: Prober; clock: Clock; ids: Ids },
	edges: readonly KnownEdge[],
	run: GateRun,
): Promise<Judged> {
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
	{ prober, clock, ids }: { prober: Prober; clock: Clock; ids: Ids },
	opened: EdgeGate,
	{ policy, times, onRound, signal }: GateRun & { signal: AbortSignal },
	startedAt: number,
): Promise<{ gate: EdgeGate; edge: Edge }> {
	const nobody = nobodys(ids);
	const { url } = opened.known;
	let gate = opened;
	for (;;) {
		const round = await askRound({ prober }, { url, path: gate.path, times, timeoutMs: policy.timeoutMs, nobody }, signal);
		gate = takeRound(gate, round, clock.monotonic() - startedAt);
		onRound?.(url, gate.streak?.kind === "pass");
		const edge = decidedEdge(gate);
		if (edge) return { gate, edge };
		// An abort ends the wait early; the next round then throws the signal's own reason.
		await clock.sleep(policy.intervalMs, signal);
	}
}

/** One round per edge, side by side: what the edges answered before the swap. */
export async function probeBaseline(
	{ prober, ids, settings }: Pick<Engine, "prober" | "ids" | "settings">,
	application: Application,
	signal: AbortSignal,
): Promise<Baseline> {
	const { path, timeoutMs } = application.config.health;
	const entries = edgeUrls(application, settings.ingress.edgeScheme).map(async (url) => {
		const round = await askRound({ prober }, { url, path, times: 1, timeoutMs, nobody: nobodys(ids) }, signal);
		return [url, { result: withoutWords(round.sightings[0]?.answer ?? { latencyMs: 0 }) }] as const;
	});
	return Object.fromEntries(await Promise.all(entries));
}
