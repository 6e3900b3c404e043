// Counts what was staged in worlds and how their deployments ended.
import type { WorldPlan } from "./plan.ts";
import type { WorldEnd } from "./play.ts";

export class Totals {
	worlds = 0;
	readonly #acts = new Map<string, number>();
	readonly #faults = new Map<string, number>();
	readonly #outcomes = new Map<string, number>();
	#hours = 0;

	add({ acts }: WorldPlan, { staged, outcomes, lasted }: WorldEnd): void {
		this.worlds++;
		this.#hours += lasted / 3_600;
		for (const { act } of acts) count(this.#acts, act.do);
		for (const fault of staged) count(this.#faults, fault);
		for (const outcome of outcomes) count(this.#outcomes, outcome);
	}

	get text(): string {
		return [
			`${this.worlds} worlds, ${this.#hours.toFixed(1)} hours of theirs`,
			`done in them: ${listed(this.#acts)}`,
			`faults at calls: ${listed(this.#faults)}`,
			`ends: ${listed(this.#outcomes)}`,
		].join("\n");
	}
}

function count(counts: Map<string, number>, name: string): void {
	counts.set(name, (counts.get(name) ?? 0) + 1);
}

function listed(counts: Map<string, number>): string {
	const sorted = [...counts].sort(([, one], [, other]) => other - one);
	return sorted.map(([name, times]) => `${name} ${times}`).join(", ");
}
