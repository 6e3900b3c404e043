// Reads the project file's text as JSON: where its syntax breaks, and what JSON itself lets pass (keys given twice).
import { parse as parseTree, type ValueNode } from "@humanwhocodes/momoa";
import { quote, quotePath } from "./quote.ts";

const largestFile = 256 * 1024;
const deepestNesting = 64;
/** Keys and values. Thousands of them are read in milliseconds, a file full of them is not. */
const mostTokens = 20_000;

/** Either the value, or what is wrong with the text, a line each. */
export type JsonReading = { value: unknown; problems?: undefined } | { problems: string[] };

/** Reads strict JSON; a byte order mark is skipped. */
export function readJson(source: string): JsonReading {
	const size = Buffer.byteLength(source);
	if (size > largestFile) return { problems: [`the file has ${size} bytes, allowed ${largestFile}`] };
	const text = source.replace(/^\uFEFF/, "");
	if (text.trim() === "") return { problems: ['line 1, column 1: the file is empty, expected an object: {"version": 2, "name": "hello"}'] };
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return { problems: [describeSyntaxError(text, errorOffset(text, error as SyntaxError))] };
	}
	const excess = findExcess(text);
	const problems = excess ? [excess] : unsoundKeys(parseTree(text, { mode: "json" }).body, []);
	return problems.length > 0 ? { problems } : { value };
}

/** V8 tells the offset in most of its messages; where it does not, the second parser knows. */
function errorOffset(text: string, error: SyntaxError): number {
	const position = / at position (\d+)/.exec(error.message)?.[1];
	if (position !== undefined) return Number(position);
	if (findExcess(text)) return text.length;
	try {
		parseTree(text, { mode: "json" });
		return text.length;
	} catch (parseError) {
		return (parseError as { offset?: number }).offset ?? text.length;
	}
}

function describeSyntaxError(text: string, offset: number): string {
	const before = text.slice(0, offset).split("\n");
	const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
	const rest = text.slice(offset);
	if (rest.trim() === "") return `${place}: not valid JSON: the file ends too early; a closing }, ] or " is missing`;
	// A word, or else one character: enough to find the place, too little to give a secret away.
	const found = /^[A-Za-z]{1,12}/.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
	return `${place}: not valid JSON at ${quote(found)}${adviceFor(text.slice(0, offset), rest)}`;
}

function adviceFor(before: string, rest: string): string {
	if (/^[}\]]/.test(rest) && /,\s*$/.test(before)) return "; remove the comma before it";
	if (/^[/#]/.test(rest)) return "; JSON has no comments";
	if (/^['‘’“”]/.test(rest)) return '; text stands in plain double quotes: "…"';
	if (/^(?:<{7}|={7}|>{7})/.test(rest)) return "; a merge conflict is left in the file";
	if (/^["{[]/.test(rest) && /["}\]\d]\s*$/.test(before)) return "; a comma or colon is missing before it";
	return "";
}

/** What is too much of it, counted before anything recursive or slow reads the text. */
function findExcess(text: string): string | undefined {
	let depth = 0;
	let tokens = 0;
	for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{},]/g)) {
		if (token === "{" || token === "[") depth++;
		if (token === "}" || token === "]") depth--;
		if (depth > deepestNesting) return `nested more than ${deepestNesting} levels deep`;
		if (++tokens > mostTokens) return `the file has more than ${mostTokens} keys, values and signs between them`;
	}
	return undefined;
}

/** Keys that two readers of one file may read differently. Of a key given twice JSON.parse keeps the last; the reader of the file may have meant the first. */
function unsoundKeys(node: ValueNode, path: PropertyKey[]): string[] {
	if (node.type === "Array") return node.elements.flatMap((element, index) => unsoundKeys(element.value, [...path, index]));
	if (node.type !== "Object") return [];
	const seen = new Set<string>();
	return node.members.flatMap(({ name, value }) => {
		const key = name.type === "String" ? name.value : name.name;
		const here = [...path, key];
		// Other readers of the value would set a prototype with it, or pass over it.
		if (key === "__proto__") return [`${quotePath(here)}: no key can have this name`];
		const repeated = seen.has(key) ? [`${quotePath(here)}: stands here a second time (line ${name.loc.start.line}); keep one`] : [];
		seen.add(key);
		return [...repeated, ...unsoundKeys(value, here)];
	});
}
