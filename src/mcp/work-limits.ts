// Lets heavy calls work a few at a time: the rest waits in line, each kind in a line of its own.
import PQueue from "p-queue";
import { DeploymillError } from "../errors.ts";

/** Calls of a kind that may wait. What comes beyond is refused at once, so that nobody waits for hours. */
const mostWaiting = 200;

type HeavyWork = "git" | "start" | "health" | "logs";

/**
 * One for a server. Calls that only read what is at hand, and waiting for a deployment's end, take no place. A kind is what
 * waits for the same thing, so that a rollback never stands behind a slow git host or edge.
 */
export class WorkLimits {
	readonly #queues: Record<HeavyWork, PQueue> = {
		/** What fetches from git. */
		git: new PQueue({ concurrency: 4 }),
		/** The checks before a deployment: Swarm and registry are asked. */
		start: new PQueue({ concurrency: 4 }),
		/** Waits for edges, as long as a health gate. */
		health: new PQueue({ concurrency: 16 }),
		/** Holds megabytes of text. */
		logs: new PQueue({ concurrency: 4 }),
	};

	/**
	 * What `work` returns, once it was this call's turn. First come, first served. A call that is cancelled while it waits leaves
	 * the line; once it works it keeps its place to the end, since not all work ends at once.
	 * @param work given a signal for the cancel whose reason is an error that may go out
	 * @throws busy, whatever `work` throws
	 */
	async run<T>(kind: HeavyWork, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
		const queue = this.#queues[kind];
		if (queue.size >= mostWaiting) throw new DeploymillError("busy", `${mostWaiting} calls of this kind wait already. Nothing was done.`);
		const waiting = new AbortController();
		const leave = () => waiting.abort(new DeploymillError("busy", "The call was cancelled before its turn came. Nothing was done."));
		if (signal.aborted) leave();
		signal.addEventListener("abort", leave, { once: true });
		const begin = () => {
			signal.removeEventListener("abort", leave);
			const working = new AbortController();
			signal.addEventListener("abort", () => working.abort(new DeploymillError("busy", "The call was cancelled before it was done.")), {
				once: true,
			});
			return work(working.signal);
		};
		return queue.add(begin, { signal: waiting.signal });
	}
}
