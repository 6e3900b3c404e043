// Owns what happens to text that came from a build, an app, a registry or a repository before a model may read it.
import { randomBytes } from "node:crypto";
import type { Redactor } from "./redact.ts";

/** ANSI escape sequences: colours, cursor moves, titles. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ansiSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
/** Control characters but newline and tab, and the invisible ones that hide or reorder text (bidi, zero width, tags). */
const invisible = /[^\P{C}\n\t]|[\u2028\u2029]/gu;

/** Cleans, masks, cuts and fences untrusted text. One for the process. */
export class Untrusted {
	readonly #redactor: Redactor;

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
	}

	/** Masks an env value in all text from here on. */
	hide(value: string): void {
		this.#redactor.addEnvValue(value);
	}

	/** Text without control characters and secrets, line breaks kept. Not cut, not fenced: for log files. */
	clean(text: string): string {
		const newlines = text.replace(/\r\n?/g, "\n");
		return this.#redactor.mask(newlines.replace(ansiSequence, "").replace(invisible, ""));
	}

	/** One clean line of at most `maxChars`: for short fields such as a commit message or a task's error. */
	line(text: string, maxChars = 200): string {
		const flat = this.clean(text).replace(/\s+/g, " ").trim();
		return flat.length > maxChars ? `${flat.slice(0, maxChars - 1).toWellFormed()}…` : flat;
	}

	/**
	 * Clean text between markers that whoever wrote it could not guess, so that it cannot end its own fence. Keeps the end
	 * of what is longer than `maxChars`, because that is where builds and crashes say why.
	 */
	fence(source: string, text: string, maxChars = 1500): string {
		const clean = this.clean(text).trim();
		const cut = clean.length > maxChars ? `[… ${clean.length - maxChars} characters cut]\n${clean.slice(-maxChars).toWellFormed()}` : clean;
		const marker = `untrusted-${randomBytes(6).toString("hex")}`;
		return `<${marker} from="${source}">\n${cut}\n</${marker}>`;
	}
}
