// Cleans, masks, cuts and fences text that came from a build, an app, a registry or a repository before a model may read it.
import { randomBytes } from "node:crypto";
import type { Redactor } from "./redact.ts";
import { clean } from "./text/clean.ts";

/** What is longer is cut before it is cleaned and masked: a line of 40 MB must not stop the process. */
const longestText = 2 ** 18;

/** Characters of a log's line that are looked at; the rest is cut. */
export const longestLogLine = 16_384;

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

	/** Text without control characters and secrets, line breaks kept. Not fenced: for log files. Cut above 262,144 characters. */
	clean(text: string): string {
		const shown = this.#beginning(text);
		return text.length > longestText ? `${shown}[… ${text.length - shown.length} characters cut]` : shown;
	}

	/**
	 * One line of a log, clean and masked. A carriage return does not end it: whoever prints one cannot write a line of another's. Of
	 * a line that is too long the beginning, without what the cut may have left of a secret.
	 */
	logLine(text: string): string {
		const line = clean(
			text
				.slice(0, longestLogLine)
				.trimEnd()
				.replace(/\r\n|[\r\n]/g, " "),
		);
		return text.length > longestLogLine ? this.#redactor.maskCut(line, "end").toWellFormed() : this.#redactor.mask(line);
	}

	/** One clean line of at most `maxChars`: for short fields such as a commit message or a task's error. */
	line(text: string, maxChars = 200): string {
		const flat = this.#beginning(text).replace(/\s+/g, " ").trim();
		const isCut = flat.length > maxChars || text.length > longestText;
		return isCut ? `${flat.slice(0, maxChars - 1).toWellFormed()}…` : flat;
	}

	/**
	 * Clean text between markers that whoever wrote it could not guess, so that it cannot end its own fence. Keeps the end
	 * of what is longer than `maxChars`, because that is where builds and crashes say why.
	 */
	fence(source: string, text: string, maxChars = 1500): string {
		const bounded = text.slice(-longestText);
		const cleaned = clean(bounded);
		const whole = (bounded.length < text.length ? this.#redactor.maskCut(cleaned, "beginning") : this.#redactor.mask(cleaned)).trim();
		const left = whole.slice(-maxChars);
		const cut = text.length - bounded.length + whole.length - left.length;
		const inside = cut > 0 ? `[… ${cut} characters cut]\n${left.toWellFormed()}` : whole;
		const marker = `untrusted-${randomBytes(6).toString("hex")}`;
		return `<${marker} from="${source}">\n${inside}\n</${marker}>`;
	}

	/** Clean and masked, of a text that is too long the beginning. */
	#beginning(text: string): string {
		if (text.length <= longestText) return this.#redactor.mask(clean(text));
		return this.#redactor.maskCut(clean(text.slice(0, longestText)), "end").toWellFormed();
	}
}
