// Turns zod's issues into messages: a line each, beginning with the place that is wrong.
import { z } from "zod";
import { quotePath } from "./quote.ts";
import { didYouMean } from "./suggestion.ts";

/** Of the lines that follow none is shown, and to find a suggestion takes time. */
const mostSuggestions = 50;

/**
 * `health.retries: got 0, allowed 1-20`, a line for every place that is wrong.
 * @param unknown what a key is called that the schema does not have
 */
export function describeIssues(schema: z.ZodType, issues: readonly z.core.$ZodIssue[], unknown = "unknown key"): string[] {
	const byPlace = new Map<string, string>();
	for (const issue of issues) {
		for (const [place, message] of describeIssue(schema, issue, unknown)) if (!byPlace.has(place)) byPlace.set(place, message);
	}
	return [...byPlace].map(([place, message]) => (place === "" ? message : `${place}: ${message}`));
}

function describeIssue(schema: z.ZodType, issue: z.core.$ZodIssue, unknown: string): [place: string, message: string][] {
	if (issue.code !== "unrecognized_keys") return [[quotePath(issue.path), issue.message]];
	const known = knownKeys(schema, issue.path);
	return issue.keys.map((key, index) => {
		const suggestion = index < mostSuggestions ? didYouMean(key, known) : "";
		return [quotePath([...issue.path, key]), `${unknown}${suggestion}`];
	});
}

/** Names of the fields that the schema has at a place. */
function knownKeys(whole: z.ZodType, path: readonly PropertyKey[]): string[] {
	let schema = unwrap(whole);
	for (const step of path) {
		if (schema instanceof z.ZodObject) schema = unwrap(schema.shape[String(step)]);
		else if (schema instanceof z.ZodArray) schema = unwrap(schema.element);
	}
	return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrap(schema: unknown): unknown {
	const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
	return isWrapped ? unwrap(schema.unwrap()) : schema;
}
