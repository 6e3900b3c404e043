// Owns the reading of a call's arguments: what does not fit is refused by name, with what is allowed.
import type { z } from "zod";
import { didYouMean } from "../config/suggestion.ts";
import { DeploymillError } from "../errors.ts";
import type { Tool } from "./tool.ts";

/** @throws invalid_input naming every argument that is wrong */
export function readArguments(tool: Tool, args: unknown): Record<string, unknown> {
	const parsed = tool.input.safeParse(args ?? {});
	if (parsed.success) return parsed.data;
	const known = Object.keys(tool.input.shape);
	const problems = parsed.error.issues.flatMap((issue) => describe(issue, known));
	throw new DeploymillError("invalid_input", problems.slice(0, 10).join("; "), {
		hint: `${tool.name} takes ${known.length > 0 ? known.join(", ") : "no arguments"}. Correct the named ones and call again.`,
	});
}

function describe(issue: z.core.$ZodIssue, known: string[]): string[] {
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((key) => `${[...issue.path, short(key)].join(".")}: unknown argument${didYouMean(key, known)}`);
	}
	const got = "input" in issue && issue.input !== undefined ? `got ${short(issue.input)}, ` : "";
	return [`${issue.path.join(".") || "arguments"}: ${got}${issue.message}`];
}

function short(value: unknown): string {
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
	return JSON.stringify(text.slice(0, 60));
}
