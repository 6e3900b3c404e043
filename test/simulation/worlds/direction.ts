// Stages the faults of a plan at the calls that they are for, and gives each call its time: the same for the same plan.
import { menuOf } from "../faults/menu.ts";
import type { Fault, PortCall, Turns } from "../world/port-calls.ts";
import type { PlannedFault, WorldPlan } from "./plan.ts";

/** Calls that change nothing. Faults at them come by their names. */
const looks =
	/^(?:store\.(?:find|list|read|digest|count|lockHolder|hold|newest|claim)|swarm\.(?:inspect|list|facts|wait|last)|prober\.|checkout\.|registry\.credentials)/;

export class Direction {
	/** Names of those that were staged. */
	readonly staged: string[] = [];
	readonly #faults: PlannedFault[];
	readonly #turns: number;
	readonly #counts = new Map<string, number>();
	readonly #onStaged: (call: PortCall, fault: string) => void;
	#all = 0;
	#turn = 0;

	constructor({ faults, turns }: Pick<WorldPlan, "faults" | "turns">, onStaged: (call: PortCall, fault: string) => void) {
		this.#faults = [...faults];
		this.#turns = turns;
		this.#onStaged = onStaged;
	}

	/** No more of them. */
	end(): void {
		this.#faults.length = 0;
	}

	meet(call: PortCall): Fault | undefined {
		const count = (this.#counts.get(call.name) ?? 0) + 1;
		this.#counts.set(call.name, count);
		if (!looks.test(call.name)) this.#all++;
		const at = this.#faults.findIndex(({ name, nth }) =>
			name === undefined ? nth === this.#all && !looks.test(call.name) : name === call.name && nth === count,
		);
		const [planned] = at < 0 ? [] : this.#faults.splice(at, 1);
		if (!planned) return undefined;
		const menu = menuOf(call.name);
		const names = Object.keys(menu);
		const name = typeof planned.which === "string" ? planned.which : (names[planned.which % names.length] ?? "");
		if (!menu[name]) throw new Error(`no "${name}" can befall ${call.name}`);
		this.staged.push(name);
		this.#onStaged(call, name);
		return menu[name];
	}

	/** Most calls go at once; some wait for a moment, and few for longer than others need for a step. */
	turnsAt(_call: PortCall): Turns | undefined {
		if (this.#turns === 0) return undefined;
		const random = mix(this.#turns, this.#turn++);
		const kind = random & 15;
		if (kind < 11) return undefined;
		const any = (random >>> 5) & 0xffff;
		const ms = kind < 13 ? 1 + (any % 20) : kind < 15 ? 20 + (any % 300) : 300 + (any % 2_500);
		return random & 16 ? { beforeMs: ms, afterMs: 0 } : { beforeMs: 0, afterMs: ms };
	}
}

/** A number of 32 bits that looks like chance, and is always the same for the same two. */
function mix(seed: number, index: number): number {
	let mixed = Math.imul(seed ^ (index + 0x9e3779b9), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
