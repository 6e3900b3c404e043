// Plays worlds with a deliberate fault until one of them breaks a rule that the fault has to break.
import { keptWorlds } from "../worlds/kept.ts";
import type { WorldPlan } from "../worlds/plan.ts";
import { playWorld } from "../worlds/play.ts";
import { worldOf } from "../worlds/seeds.ts";
import type { Mutation } from "./table.ts";

/** Some faults keep a world from ever ending: it is judged as it is after this long. */
const longestMs = 400_000;

export interface Caught {
	rule: string;
	how: string;
	/** So many worlds it took. */
	worlds: number;
}

export async function catchMutation({ rules, around, world }: Mutation, most: number): Promise<Caught | undefined> {
	let worlds = 0;
	for (const plan of world ? [world] : plans(most)) {
		worlds++;
		const { breaches } = await playWorld(plan, { around, longestMs });
		const breach = breaches.find(({ rule }) => rules.includes(rule));
		if (breach) return { ...breach, worlds };
	}
	return undefined;
}

/** Kept ones first: they are small, and full of trouble. */
function* plans(most: number): Generator<WorldPlan> {
	for (const { plan } of keptWorlds) yield plan;
	for (let seed = 1; seed <= most - keptWorlds.length; seed++) yield worldOf(seed);
}
