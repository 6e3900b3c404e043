// Holds every answer of the server to what is promised of all of them, whatever was asked.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { errorCodes } from "../../src/errors.ts";
import { plantedMarker } from "./hostile-strings.ts";

/** Contract section 9. `internal` is among them and never allowed: bad input of any kind is no fault of deploymill. */
const codes = new Set<string>(errorCodes.filter((code) => code !== "internal"));

/** Characters of an answer's text: a log of 2000 lines, a page of 100 deployments, a plan; and an error. */
const mostChars: Record<string, number> = { get_logs: 1_300_000, list_deployments: 200_000, error: 16_000, other: 64_000 };

/** Control characters and all that is not seen: bidi, zero width, tags, variation selectors, fillers. */
const invisible = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;

/** All that is wrong with an answer; empty where nothing is. */
export function faultsOf(tool: string, result: CallToolResult, secrets: Secrets): string[] {
	const { content, structuredContent, isError = false } = result;
	const [block] = content;
	if (content.length !== 1 || block?.type !== "text") return [`${content.length} blocks of content, not one of text`];
	const { text } = block;
	const parsed = parse(text);
	if (!parsed) return [`the text is not a JSON object: ${text.slice(0, 200)}`];
	return [
		...(structuredContent && JSON.stringify(structuredContent) !== JSON.stringify(parsed) ? ["text and structuredContent differ"] : []),
		...(!structuredContent && !isError ? ["an answer without structuredContent that is no error"] : []),
		...(isError ? errorFaults(parsed) : []),
		...sizeFaults(structuredContent ? tool : "error", text),
		...textsIn(parsed).flatMap(textFaults),
		...secrets.findIn(text).map((form) => `a planted secret (${form})`),
	];
}

function errorFaults(parsed: Record<string, unknown>): string[] {
	// A deployment that ended badly is an error too, and carries its whole self.
	const error = parsed.error as Record<string, unknown> | undefined;
	if (!error) return typeof parsed.deploymentId === "string" ? [] : ["isError without an error"];
	const { code, message, hint, retryable } = error;
	const words = [message, hint].every((text) => typeof text === "string" && text !== "") && typeof retryable === "boolean";
	return [
		...(codes.has(String(code)) ? [] : [`the code ${String(code)}: ${String(message)}`]),
		...(words ? [] : ["an error without message, hint or retryable"]),
	];
}

function sizeFaults(kind: string, text: string): string[] {
	const most = mostChars[kind] ?? mostChars.other ?? 0;
	return text.length > most ? [`${text.length} characters, where ${most} are the most: ${text.slice(0, 300)}`] : [];
}

function textFaults({ place, text }: { place: string; text: string }): string[] {
	const unit = invisible.exec(text)?.[0];
	if (unit !== undefined) return [`U+${unit.codePointAt(0)?.toString(16)} in ${place}: ${JSON.stringify(text.slice(0, 200))}`];
	return text.isWellFormed() ? [] : [`a lone surrogate in ${place}`];
}

function textsIn(value: unknown, place = ""): { place: string; text: string }[] {
	if (typeof value === "string") return [{ place, text: value }];
	if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, `${place}[]`));
	if (value === null || typeof value !== "object") return [];
	return Object.entries(value).flatMap(([key, item]) => [{ place: `${place}{}`, text: key }, ...textsIn(item, `${place}.${key}`)]);
}

function parse(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

/** Finds secrets that were planted, in clear or base64; the marker is the same in every other escape. */
export class Secrets {
	readonly #needles: [form: string, text: string][];

	constructor(values: Record<string, string>) {
		const all = { "the marker of env values": plantedMarker, ...values };
		this.#needles = Object.entries(all).flatMap(([name, value]) => [
			[name, value] as [string, string],
			...[0, 1, 2].map((offset) => [`${name}, base64`, base64Within(value, offset, "base64")] as [string, string]),
			...[0, 1, 2].map((offset) => [`${name}, base64url`, base64Within(value, offset, "base64url")] as [string, string]),
		]);
	}

	findIn(text: string): string[] {
		return this.#needles.filter(([, needle]) => text.includes(needle)).map(([name]) => name);
	}
}

/** The part of a text's base64 that does not depend on what stands around it. */
function base64Within(text: string, offset: number, alphabet: "base64" | "base64url"): string {
	const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString(alphabet);
	return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + text.length) * 8) / 6));
}
