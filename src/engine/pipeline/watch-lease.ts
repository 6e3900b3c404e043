// Keeps a worker's watch over a release on probation: says that somebody watches, hears what others do to it, and ends when it is over.
import { errorMessage } from "../../errors.ts";
import type { Probation } from "../../model/probation.ts";
import type { Engine } from "../engine.ts";
import { happen } from "../probation/happen.ts";
import { isBakeOver, type Now, standingOf, wasWatched, watchedAgain, watchLeaseMs } from "../probation/record.ts";
import { isOpen } from "../probation/standing.ts";

const renewEveryMs = 5_000;

export const unwatchedWords = "nobody watched its end, or the better part of it";

export class WatchLease implements Disposable {
	readonly #engine: Pick<Engine, "store" | "clock" | "log">;
	readonly #watcher: string;
	readonly #over = new AbortController();
	readonly #timer: Disposable;
	#record: Probation;

	private constructor(engine: Engine, watcher: string, record: Probation) {
		this.#engine = engine;
		this.#watcher = watcher;
		this.#record = record;
		this.#timer = engine.clock.every(renewEveryMs, () => this.#quietly(() => this.renew()));
	}

	/** Undefined where nothing is left to watch, or somebody else does. */
	static take(engine: Engine, deploymentId: string): WatchLease | undefined {
		const watcher = engine.ids.next("watch");
		const record = keep(engine, deploymentId, watcher);
		return record && new WatchLease(engine, watcher, record);
	}

	get deploymentId(): string {
		return this.#record.deploymentId;
	}

	/** As it was when it was looked at last. */
	get record(): Probation {
		return this.#record;
	}

	/** Aborted when the watch is over, or somebody else's. */
	get signal(): AbortSignal {
		return this.#over.signal;
	}

	/** By a timer, and where the record matters. */
	renew(): void {
		const record = keep(this.#engine, this.deploymentId, this.#watcher);
		if (record) this.#record = record;
		else this.#over.abort(new Error("the watch is over"));
	}

	/** Somebody watched for so long, and could see nothing. */
	missed(ms: number): void {
		const { store } = this.#engine;
		store.decide(() => {
			this.renew();
			if (this.signal.aborted) return;
			this.#record = { ...this.#record, unwatchedMs: this.#record.unwatchedMs + ms };
			store.saveProbation(this.#record);
		});
	}

	[Symbol.dispose](): void {
		this.#timer[Symbol.dispose]();
		this.#over.abort(new Error("the watch was given up"));
	}

	/** A database that is busy for a moment is asked again by the next tick, and a watch that is not kept runs out. */
	#quietly(tick: () => void): void {
		try {
			tick();
		} catch (error) {
			// The watch runs out if it stays so.
			const { deploymentId } = this.#record;
			this.#engine.log.warn({ deploymentId, error: errorMessage(error) }, "the watch over a release on probation was not renewed");
		}
	}
}

/** A bake whose end came while nobody watched is over by that. */
export function endUnwatched({ store }: Pick<Engine, "store">, record: Probation, { monotonicMs }: Now): Probation {
	if (!isBakeOver(record, monotonicMs) || wasWatched(record, monotonicMs)) return record;
	return happen(store, record.deploymentId, "its bake is over, unwatched", { because: unwatchedWords }) ?? record;
}

function keep({ store, clock }: Pick<Engine, "store" | "clock">, deploymentId: string, watcher: string): Probation | undefined {
	return store.decide(() => {
		if (!store.keepWatch(deploymentId, watcher, watchLeaseMs)) return undefined;
		const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
		const before = store.findProbation(deploymentId);
		const record = before && endUnwatched({ store }, before, now);
		if (!record || !isOpen(standingOf(record))) return undefined;
		const watched = watchedAgain(record, now);
		store.saveProbation(watched);
		return watched;
	});
}
