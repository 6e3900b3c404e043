// Defines the kinds of fields in the project file, each with the words it refuses a value in.
import { z } from "zod";
import { refused } from "./parsed.ts";

/** A whole number in a range. */
export function wholeNumber(lowest: number, highest: number) {
	const outside = { error: refused(`allowed ${lowest}-${highest}`) };
	return z
		.int({ error: refused(`expected a whole number ${lowest}-${highest}`) })
		.min(lowest, outside)
		.max(highest, outside);
}

/** Any number in a range. */
export function decimalNumber(lowest: number, highest: number) {
	const outside = { error: refused(`allowed ${lowest}-${highest}`) };
	return z
		.number({ error: refused(`expected a number ${lowest}-${highest}`) })
		.min(lowest, outside)
		.max(highest, outside);
}

/** A list of at most `most` items. */
export function list<Item extends z.ZodType>(item: Item, most: number, expected: string) {
	return z.array(item, { error: refused(`expected ${expected}`) }).max(most, { error: `allowed ${most} items at most` });
}

/** An object of exactly these keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, expected: string) {
	return z.strictObject(shape, { error: (issue) => (issue.code === "invalid_type" ? refused(`expected ${expected}`)(issue) : undefined) });
}
