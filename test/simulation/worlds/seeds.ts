// Turns a seed into a world and plays it; makes a world that breaks a rule as small as it can be while it still breaks one.
import fc from "fast-check";
import { worlds } from "./generate.ts";
import type { WorldPlan } from "./plan.ts";
import { playWorld, type WorldEnd } from "./play.ts";

/** Without the bias of the first runs: a seed is one world, and not the first of many. */
const one = { numRuns: 1, unbiased: true } as const;
/** A world that is made smaller is played again and again. */
const shrinkMs = 20_000;

/** Always the same one. */
export function worldOf(seed: number): WorldPlan {
	const [plan] = fc.sample(worlds, { ...one, seed });
	return plan as WorldPlan;
}

/** The smallest world found that breaks the first of the rules that the seed's own broke. */
async function shrink(seed: number, rule: string): Promise<WorldPlan> {
	let smallest = worldOf(seed);
	const property = fc.asyncProperty(worlds, async (plan) => {
		const { breaches } = await playWorld(plan);
		if (!breaches.some((breach) => breach.rule === rule)) return true;
		smallest = plan;
		return false;
	});
	await fc.check(property, { ...one, seed, interruptAfterTimeLimit: shrinkMs });
	return smallest;
}

/** The rules that a world breaks, its story, and the smallest world that was found. */
export async function tellOf(seed: number, { breaches }: Pick<WorldEnd, "breaches">): Promise<string> {
	const plan = await shrink(seed, breaches[0]?.rule ?? "");
	return tellWorld(plan, `seed ${seed}`);
}

export async function tellWorld(plan: WorldPlan, name: string): Promise<string> {
	const { breaches, story = "" } = await playWorld(plan, { isTold: true });
	const broken = breaches.map(({ rule, how }) => `  ${rule}: ${how}`);
	return [`${name} breaks`, ...broken, "in the world", JSON.stringify(plan), "", story].join("\n");
}
