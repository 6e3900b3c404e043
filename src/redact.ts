// Masks secrets in every text that leaves: answers, errors, progress, logs, the database.
import { base64Forms, mostBytesWithForms } from "./text/base64.ts";
import { clean } from "./text/clean.ts";
import { readingsOf } from "./text/readings.ts";
import { Spans } from "./text/spans.ts";
import { longestHiddenPart, pieceLength, shortestValue, ValueIndex } from "./text/value-index.ts";

const mask = "***";

/** Stands for a text that could not be masked: better nothing than a secret. */
const withheld = "[withheld: this text could not be masked]";

/** What is longer is cut before it is looked at, so that no text holds the process up or fills its memory. */
const longestText = 2 ** 20;

/**
 * Of forms and pieces of all values together, some 200 bytes each: 100,000 short values, or long ones of 24 million units. With
 * more, nothing could be promised in reasonable memory, so all is withheld.
 */
const mostEntries = 1_500_000;

/**
 * Of a value that a cut divides, this much can stand at the cut unmasked: a part too short to be found, each unit of it written in
 * twelve (`\\U0001f600` twice escaped, `&#x0000e4;`).
 */
const unitsInDoubt = longestHiddenPart * 12;

/** Objects that are nested deeper are withheld. */
const deepestNesting = 100;

/** A masked text can hold a value again only if the value has asterisks; one more look or two always ends that. */
const mostLooks = 8;

/** `scheme://user:password@` in any address, whoever the password belongs to. Bounded: a long word must not cost its square. */
const passwordInAddress = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,256}:[^\s/]{1,4096}@/gi;
const authorizationHeader = /\b(authorization:?\s{0,8}(?:basic|bearer|token)\s{1,8})[\w.~+/=-]+/gi;

/**
 * Takes what must not leave out of text, also where it stands encoded (see `readingsOf`). There are two kinds. Secrets
 * (passwords, tokens, keys) are masked everywhere. Env values are masked in all text from outside and in logs, but not in
 * our own fields: one that happens to be a branch, a domain or an application's id would make an answer useless, and tells
 * nothing there. Both are added as they are read, and stay masked for the life of the process.
 *
 * No method throws, and none takes longer than the length of its text asks for. A text that cannot be masked is withheld.
 */
export class Redactor {
	readonly #secrets: KnownValues;
	readonly #envValues: KnownValues;

	/** @param most of the forms and pieces of values, of each kind */
	constructor(most = mostEntries) {
		this.#secrets = new KnownValues(most);
		this.#envValues = new KnownValues(most);
	}

	add(...secrets: (string | undefined)[]): void {
		for (const secret of secrets) this.#secrets.add(secret);
	}

	/** A secret that is bytes, such as a key: as text, and in the forms in which bytes are printed. */
	addBytes(bytes: Buffer): void {
		this.add(bytes.toString("utf8"), bytes.toString("latin1"), bytes.toString("base64"), bytes.toString("hex"));
		this.add(bytes.toString("hex").toUpperCase());
	}

	addEnvValue(value: string): void {
		this.#envValues.add(value);
	}

	/** Text from outside, or a log line, without secrets and env values. */
	mask(text: string): string {
		return masked(text, [this.#secrets, this.#envValues]);
	}

	/**
	 * The same of text whose end was cut off, or whose beginning: what the cut may have left of a value goes too, so that the last, or
	 * the first, some hundred characters are missing.
	 */
	maskCut(text: string, cutAt: "beginning" | "end"): string {
		return masked(text, [this.#secrets, this.#envValues], cutAt);
	}

	/** A text of ours without secrets. */
	maskSecrets(text: string): string {
		return masked(text, [this.#secrets]);
	}

	/** A copy of a JSON value with the secrets in every string masked; keys are kept. */
	maskDeep<T>(value: T): T {
		return mapStrings(value, (text) => this.maskSecrets(text), 0) as T;
	}

	/** The same with env values masked too: for logs. */
	maskAllDeep<T>(value: T): T {
		return mapStrings(value, (text) => this.mask(text), 0) as T;
	}
}

/** A set of values, with all in which they are found. */
class KnownValues {
	readonly index = new ValueIndex();
	/** A value has an asterisk, as a masked text has. */
	hasAsterisk = false;
	isOverfull = false;
	readonly #known = new Set<string>();
	readonly #most: number;

	constructor(most: number) {
		this.#most = most;
	}

	add(value: string | undefined): void {
		const trimmed = value?.trim();
		if (!trimmed || trimmed.length < shortestValue || this.#known.has(trimmed)) return;
		if (this.index.size > this.#most) this.isOverfull = true;
		if (this.isOverfull) return;
		this.#known.add(trimmed);
		this.hasAsterisk ||= trimmed.includes("*");
		for (const form of formsOf(trimmed)) this.index.add(form);
	}
}

/**
 * What no reading of a text undoes: how cleaning changes a value, its lines, and base64 of short ones. Of short ones also the usual
 * escapes: a reading begins at the left of the text, and may be out of step where something like half an escape stands before.
 */
function formsOf(value: string): Set<string> {
	const cleaned = clean(value).trim();
	const whole = [value, value.toWellFormed(), cleaned];
	// A value of several lines (a key) also leaves line by line.
	const lines = cleaned.includes("\n") ? cleaned.split("\n").map((line) => line.trim()) : [];
	const escapes = value.length < pieceLength ? [...escapesOf(value), ...quotedForms(value)] : [];
	const encoded = [...new Set([...whole, ...escapes])].flatMap(shortBase64Forms);
	return new Set([...whole, ...lines, ...escapes, ...encoded]);
}

/** A quote within quotes: of shells, `'\''` and `'"'"'`; of SQL, YAML and CSV, the quote twice. */
function quotedForms(value: string): string[] {
	const single = value.includes("'") ? ["'\\''", `'"'"'`, "''"].map((quote) => value.replaceAll("'", () => quote)) : [];
	return value.includes('"') ? [...single, value.replaceAll('"', '""')] : single;
}

function escapesOf(value: string): string[] {
	const json = JSON.stringify(value).slice(1, -1);
	const address = encodeURIComponent(value.toWellFormed());
	return [json, json.replace(/[<>&]/g, unicodeEscape), address, address.replace(/%../g, (byte) => byte.toLowerCase())];
}

function unicodeEscape(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function shortBase64Forms(text: string): string[] {
	const bytes = Buffer.from(text);
	return bytes.length <= mostBytesWithForms ? base64Forms(bytes) : [];
}

type CutAt = "beginning" | "end" | undefined;

function masked(text: string, known: readonly KnownValues[], cutAt?: CutAt): string {
	if (known.some((values) => values.isOverfull)) return withheld;
	try {
		if (text.length <= longestText) return maskWhole(text, known, cutAt);
		const shown = maskWhole(text.slice(0, longestText), known, "end").toWellFormed();
		return `${shown}[… ${text.length - shown.length} characters cut]`;
	} catch {
		return withheld;
	}
}

function maskWhole(text: string, known: readonly KnownValues[], cutAt: CutAt): string {
	let current = maskValues(text, known, cutAt);
	for (let look = 1; look < mostLooks; look++) {
		if (!known.some((values) => values.hasAsterisk)) return maskPatterns(current);
		const next = maskValues(current, known, undefined);
		if (next === current) return maskPatterns(current);
		current = next;
	}
	return withheld;
}

function maskValues(text: string, known: readonly KnownValues[], cutAt: CutAt): string {
	const spans = new Spans();
	const indexes = known.map(({ index }) => index).filter((index) => !index.isEmpty);
	if (indexes.length > 0 && text.length >= shortestValue) {
		for (const reading of readingsOf(text)) {
			for (const index of indexes) {
				index.find(reading.text, (start, end) => spans.add(reading.startOf(start), reading.endOf(end - 1)));
			}
		}
	}
	const from = cutAt === "beginning" ? unitsInDoubt : 0;
	return spans.replace(text, mask, from, cutAt === "end" ? text.length - unitsInDoubt : text.length);
}

/** What is a password by the place it stands in, known or not. */
function maskPatterns(text: string): string {
	const addresses = text.includes("://") ? text.replace(passwordInAddress, `$1${mask}@`) : text;
	return addresses.replace(authorizationHeader, `$1${mask}`);
}

function mapStrings(value: unknown, map: (text: string) => string, depth: number): unknown {
	if (typeof value === "string") return map(value);
	if (value === null || typeof value !== "object") return value;
	if (depth >= deepestNesting) return withheld;
	if (Array.isArray(value)) return value.map((item) => mapStrings(item, map, depth + 1));
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map, depth + 1)]));
}
