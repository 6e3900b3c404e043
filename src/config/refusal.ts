// Carries the reason why a parser does not take a value. Caught where problems are collected, never shown by itself.

/** Why a value is not taken, ready to stand behind `name: ` in a list of problems. */
export class Refusal extends Error {
	override name = "Refusal";
}
