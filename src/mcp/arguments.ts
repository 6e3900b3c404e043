// Reads a call's arguments: what does not fit is refused by name, with what is allowed.

import type { z } from "zod";
import { quote, quotePath } from "../config/quote.ts";
import { didYouMean } from "../config/suggestion.ts";
import { DeploymillError } from "../errors.ts";
import type { Tool } from "./tool.ts";

/** @throws invalid_input naming every argument that is wrong */
export function readArguments(tool: Tool, args: unknown): Record<string, unknown> {
	const known = Object.keys(tool.input.shape);
	const parsed = tool.input.safeParse(args ?? {});
	const lost = lostKeys(args, []);
	if (parsed.success && lost.length === 0) return parsed.data;
	const problems = [...lost, ...(parsed.error?.issues ?? []).flatMap((issue) => describe(issue, known))];
	throw new DeploymillError("invalid_input", problems.slice(0, 10).join("; "), {
		hint: `${tool.name} takes ${known.length > 0 ? known.join(", ") : "no arguments"}. Correct the named ones and call again.`,
	});
}

/** Schemas pass over this key, so that a variable of this name would be gone without a word. */
function lostKeys(value: unknown, path: string[]): string[] {
	if (value === null || typeof value !== "object" || path.length > deepestArgument) return [];
	return Object.entries(value).flatMap(([key, item]) => {
		const here = [...path, key];
		return key === "__proto__" ? [`${quotePath(here)}: nothing can have this name`] : lostKeys(item, here);
	});
}

const deepestArgument = 3;

function describe(issue: z.core.$ZodIssue, known: string[]): string[] {
	if (issue.code === "unrecognized_keys") {
		const place = issue.path.length > 0 ? `${quotePath(issue.path)}.` : "";
		return issue.keys.map((key) => `${place}${quote(key)}: unknown argument${didYouMean(key, known)}`);
	}
	// What was given is not shown: it may be a secret.
	return [`${quotePath(issue.path) || "arguments"}: ${issue.message}`];
}
