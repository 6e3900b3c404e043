// Defines the kinds of settings: the text of an environment variable in, a typed value out, each with the words it refuses a text in.
import { z } from "zod";
import { refused } from "./parsed.ts";
import { quote } from "./quote.ts";
import { didYouMean } from "./suggestion.ts";

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
	return z.enum(words, {
		error: ({ input }) => `got ${quote(input)}, allowed ${words.join(", ")}${didYouMean(String(input), words)}`,
	});
}

/** A comma-separated list of a few words, each once, in the order given. */
export function someOf<const Words extends readonly string[]>(words: Words) {
	return z
		.string()
		.transform((text) => text.split(",").map((part) => part.trim()))
		.pipe(z.array(oneOf(words)))
		.transform((given): readonly Words[number][] => [...new Set(given)]);
}

export function yesOrNo() {
	return oneOf(["true", "false", "1", "0"]).transform((word) => word === "true" || word === "1");
}

export function wholeNumber(lowest: number, highest: number) {
	const isIn = (text: string) => /^\d+$/.test(text) && Number(text) >= lowest && Number(text) <= highest;
	return z
		.string()
		.refine(isIn, { error: refused(`expected a whole number ${lowest}-${highest}`) })
		.transform(Number);
}

/** Docker's own networks cannot be the one that is shared with the ingress. */
const ownNetworks = ["host", "bridge", "none", "ingress"];

/** Name of a Docker network. */
export function networkName() {
	return z
		.string()
		.regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, {
			error: refused("expected a network name: letters, digits, _ . - and a letter or digit first"),
		})
		.refine((name) => !ownNetworks.includes(name), {
			error: refused("which is one of Docker's own networks: name an overlay network"),
		});
}

/** Name of something in Traefik's own configuration. It ends up in a label, where a comma or a backtick would change the rule. */
export function traefikName() {
	return z.string().regex(/^[a-zA-Z0-9][\w-]{0,63}$/, { error: refused("expected letters, digits, - and _") });
}
