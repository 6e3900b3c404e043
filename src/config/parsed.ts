// Makes a zod field of a parser of ours: what the parser refuses becomes a problem of the field.
import { z } from "zod";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

/** @param expected said where there is no text at all */
export function parsed<Value>(parse: (text: string) => Value, expected = "a text") {
	return z.string({ error: refused(`expected ${expected}`) }).transform((text, context) => {
		try {
			return parse(text);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			context.addIssue({ code: "custom", message: error.message });
			return z.NEVER;
		}
	});
}

/** `got "80", expected …`, or `missing, expected …`. */
export function refused(wanted: string): (issue: { input?: unknown }) => string {
	return ({ input }) => `${input === undefined ? "missing" : `got ${quote(input)}`}, ${wanted}`;
}
