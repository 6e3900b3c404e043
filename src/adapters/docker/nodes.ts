// Keeps the list of a Swarm's nodes for a moment: tasks are looked at many times a second, and nodes seldom change.
import type { RawNode, RawTask } from "./tasks.ts";

/** Swarm itself takes several seconds to find that a node is down. */
const keptMs = 1_000;

export class Nodes {
	readonly #list: () => Promise<RawNode[]>;
	#kept: { nodes: Promise<RawNode[]>; untilMs: number } | undefined;

	constructor(list: () => Promise<RawNode[]>) {
		this.#list = list;
	}

	/** Those of `tasks` among them: one that was not there a moment ago is asked for. */
	async of(tasks: Promise<RawTask[] | undefined>): Promise<RawNode[]> {
		const [found, nodes] = await Promise.all([tasks, this.#recent()]);
		const known = new Set(nodes.map(({ ID }) => ID));
		const isMissing = found?.some(({ NodeID }) => NodeID && !known.has(NodeID)) ?? false;
		return isMissing ? this.#anew() : nodes;
	}

	#recent(): Promise<RawNode[]> {
		return this.#kept && performance.now() < this.#kept.untilMs ? this.#kept.nodes : this.#anew();
	}

	#anew(): Promise<RawNode[]> {
		const nodes = this.#list();
		const kept = { nodes, untilMs: performance.now() + keptMs };
		this.#kept = kept;
		// A fault is told to those who asked, and to nobody later.
		nodes.catch(() => {
			if (this.#kept === kept) this.#kept = undefined;
		});
		return nodes;
	}
}
