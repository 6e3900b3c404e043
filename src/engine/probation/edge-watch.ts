// Watches the edges of a release on probation: gate after gate for each edge, so that it is judged as it was before.
import type { HealthPolicy } from "../../model/application.ts";
import type { Edge, Health } from "../../model/health.ts";
import { judgeApplication } from "../health/verdict.ts";
import type { Clock } from "../ports/clock.ts";

/** However often a gate asks: a bake lasts. */
const leastIntervalMs = 5_000;

/** Runs one gate of one edge, and tells of every round whether it was good. @throws the signal's reason when aborted */
export type EdgeJudge = (url: string, onRound: (isGood: boolean) => void, signal: AbortSignal) => Promise<Edge>;

export interface WatchedEdges {
	clock: Clock;
	/** As they were judged last. */
	edges: readonly Edge[];
	/** Between two rounds. */
	intervalMs: number;
	judge: EdgeJudge;
	signal: AbortSignal;
}

/** Between two looks at anything of a bake. */
export function watchIntervalMs({ intervalMs }: HealthPolicy): number {
	return Math.max(intervalMs, leastIntervalMs);
}

interface Watched {
	edge: Edge;
	/** A gate of this watch has judged it. */
	isJudged: boolean;
	/** Whether the last answer was a good one. */
	isPassing: boolean;
	/** Brings the edge as the gate that is under way judges it. */
	underWay: Promise<Edge>;
}

export class EdgeWatch implements Disposable {
	readonly #options: WatchedEdges;
	readonly #stop = new AbortController();
	readonly #watched = new Map<string, Watched>();
	#fault: unknown;

	constructor(options: WatchedEdges) {
		this.#options = options;
		for (const edge of options.edges) this.#begin(edge, { isJudged: false, isPassing: edge.verdict === "healthy" });
	}

	/** As each edge was judged last. @throws what ended the watching of one, that nobody asked for */
	get health(): Health {
		if (this.#fault !== undefined) throw this.#fault;
		const edges = [...this.#watched.values()].map(({ edge }) => edge);
		return { verdict: judgeApplication(edges), edges };
	}

	/** Every edge that can be judged failed its last answers, and goes on failing. @param others how many failed that are no edges */
	isFailing(others: number): boolean {
		const conclusive = [...this.#watched.values()].filter(({ edge }) => edge.verdict !== "inconclusive");
		return conclusive.length + others > 0 && conclusive.every(({ edge, isPassing }) => edge.verdict === "unhealthy" && !isPassing);
	}

	/** Waits for each edge's first gate, and for those whose answers say something else than the verdict before. @throws the signal's reason */
	async settled(): Promise<Health> {
		const isInDoubt = ({ edge, isJudged, isPassing }: Watched) => !isJudged || (edge.verdict === "healthy") !== isPassing;
		const edges = await Promise.all([...this.#watched.values()].map((item) => (isInDoubt(item) ? item.underWay : item.edge)));
		return { verdict: judgeApplication(edges), edges };
	}

	[Symbol.dispose](): void {
		this.#stop.abort();
	}

	#begin(edge: Edge, before: Pick<Watched, "isJudged" | "isPassing">): void {
		const { url } = edge;
		const underWay = this.#judge(url);
		this.#watched.set(url, { edge, ...before, underWay });
		const next = (judged: Edge) => this.#begin(judged, { isJudged: true, isPassing: this.#watched.get(url)?.isPassing ?? false });
		underWay.then(next, (error: unknown) => this.#end(error));
	}

	/** An abort ends the watching, as it should. */
	#end(error: unknown): void {
		if (!this.#options.signal.aborted && !this.#stop.signal.aborted) this.#fault = error;
	}

	async #judge(url: string): Promise<Edge> {
		const { clock, intervalMs } = this.#options;
		const signal = AbortSignal.any([this.#options.signal, this.#stop.signal]);
		await clock.sleep(intervalMs, signal);
		signal.throwIfAborted();
		return this.#options.judge(url, (isGood) => this.#note(url, isGood), signal);
	}

	#note(url: string, isPassing: boolean): void {
		const watched = this.#watched.get(url);
		if (watched) watched.isPassing = isPassing;
	}
}
