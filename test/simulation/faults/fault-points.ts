// Counts the port calls of a story, and stages one fault at one of them.
import type { Fault, PortCall } from "../world/port-calls.ts";
import { menuOf } from "./menu.ts";

/** One call of a story, and what is to befall it. */
export interface FaultPoint {
	/** Of the call, counted from 0 in the order of the story. */
	index: number;
	name: string;
	process: string;
	/** Name of the fault in the call's menu. */
	fault: string;
}

/**
 * Which calls get the faults: of calls of one name, the first in each phase; the first in each situation, as far as the tasks'
 * states make one; or every one, with those that look at the same again.
 */
export type Depth = "phases" | "situations" | "every call";

/** Lists the calls of a story that goes undisturbed. */
export class CallList {
	readonly #calls: { name: string; process: string; like: Record<Depth, string> }[] = [];

	/** @param phase how far the deployments are; @param situation what else the world looks like */
	meet({ name, process }: PortCall, phase: string, situation: string): undefined {
		const phases = `${process} ${name} ${phase}`;
		const like = { phases, situations: `${phases} ${situation}`, "every call": String(this.#calls.length) };
		this.#calls.push({ name, process, like });
	}

	get length(): number {
		return this.#calls.length;
	}

	points(depth: Depth): FaultPoint[] {
		const met = new Set<string>();
		return this.#calls.flatMap(({ name, process, like }, index) => {
			if (met.has(like[depth])) return [];
			met.add(like[depth]);
			return Object.keys(menuOf(name)).map((fault) => ({ index, name, process, fault }));
		});
	}
}

/** Stages one fault, once. */
export class Staging {
	readonly #point: FaultPoint;
	#count = 0;
	isStaged = false;

	constructor(point: FaultPoint) {
		this.#point = point;
	}

	meet(call: PortCall): Fault | undefined {
		if (this.#count++ !== this.#point.index) return undefined;
		if (call.name !== this.#point.name) throw new Error(`call ${this.#point.index} was ${this.#point.name}, and is ${call.name}`);
		this.isStaged = true;
		return menuOf(call.name)[this.#point.fault];
	}
}
