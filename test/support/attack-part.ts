// Tells an attack how much of it is wanted: a quick part within `npm test`, the whole with `npm run attack`.
import fc from "fast-check";
import { inject, test } from "vitest";

declare module "vitest" {
	interface ProvidedContext {
		attackPart: "quick" | "whole";
	}
}

const whole = inject("attackPart") === "whole";

/** Cases that a quick part leaves out. */
export const inWhole = test.runIf(whole);

/** How many generated inputs; ATTACK_INPUTS goes before both. */
export function inputCount(counts: { quick: number; whole: number }): number {
	const wanted = Number(process.env.ATTACK_INPUTS ?? 0);
	return wanted > 0 ? wanted : counts[whole ? "whole" : "quick"];
}

/** The quick part gives the same inputs each time: what nobody changed does not turn red. `npm run attack` looks for new ones. */
const quickSeed = 20_261_125;

/** What a counterexample is cut to: one of 65,536 characters says no more than its beginning. */
const mostChars = 6000;

/**
 * Holds a property to its generated inputs. Says the seed first; ATTACK_SEED and ATTACK_PATH give the same inputs again.
 * @param runs how many inputs (or batches of them)
 */
export async function holds<T>(what: string, inputs: fc.Arbitrary<T>, check: (input: T) => Promise<void> | void, runs: number) {
	const seed = process.env.ATTACK_SEED ? Number(process.env.ATTACK_SEED) : whole ? Math.trunc(Math.random() * 2 ** 31) : quickSeed;
	const { ATTACK_PATH } = process.env;
	console.log(`${what}: ${runs} runs of seed ${seed}`);
	const property = fc.asyncProperty(inputs, async (input) => check(input));
	await fc.assert(property, {
		numRuns: runs,
		seed,
		...(ATTACK_PATH ? { path: ATTACK_PATH } : {}),
		asyncReporter: async ({ failed, counterexample, counterexamplePath, errorInstance, numRuns }) => {
			if (!failed) return;
			const shown = JSON.stringify(counterexample) ?? "none";
			throw new Error(
				[
					`${what}: does not hold, seen at input ${numRuns}. Again: ATTACK_SEED=${seed} ATTACK_PATH=${counterexamplePath}`,
					shown.length > mostChars ? `${shown.slice(0, mostChars)}… [${shown.length} characters]` : shown,
					errorInstance instanceof Error ? errorInstance.message.slice(0, mostChars) : String(errorInstance),
				].join("\n"),
				{ cause: errorInstance },
			);
		},
		// Shrinking a hang waits for the deadline again and again.
		interruptAfterTimeLimit: 15 * 60_000,
		markInterruptAsFailure: true,
	});
}
