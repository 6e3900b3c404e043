// Owns the masking of secrets in every text that leaves: answers, errors, progress, logs, the database.

const mask = "***";

/** Shorter values ("1", "true", "prod") are no secrets, and masking them would garble every text. */
const shortestSecret = 6;

/** `scheme://user:password@` in any address, whoever the password belongs to. Bounded: a long word must not cost its square. */
const passwordInAddress = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,256}:[^\s/]{1,4096}@/gi;
const authorizationHeader = /\b(authorization:?\s*(?:basic|bearer|token)\s+)[\w.~+/=-]+/gi;

/**
 * Knows the secrets of this process and takes them out of text, also where they stand base64, URL or JSON encoded.
 * Secrets are added as they are read; a value once added stays masked for the life of the process, so that a rotated
 * password is still masked in older logs.
 */
export class Redactor {
	readonly #forms = new Set<string>();
	#pattern: RegExp | undefined;

	add(...secrets: (string | undefined)[]): void {
		for (const secret of secrets) {
			const trimmed = secret?.trim();
			if (!trimmed || trimmed.length < shortestSecret) continue;
			for (const form of formsOf(trimmed)) this.#forms.add(form);
			this.#pattern = undefined;
		}
	}

	/** The text without any known secret. */
	mask(text: string): string {
		if (this.#forms.size > 0) {
			this.#pattern ??= new RegExp([...this.#forms].sort(longestFirst).map(escapePattern).join("|"), "g");
			text = text.replace(this.#pattern, mask);
		}
		return text.replace(passwordInAddress, `$1${mask}@`).replace(authorizationHeader, `$1${mask}`);
	}

	/** A copy of a JSON value with every string in it masked; keys are kept. */
	maskDeep<T>(value: T): T {
		if (typeof value === "string") return this.mask(value) as T;
		if (Array.isArray(value)) return value.map((item) => this.maskDeep(item)) as T;
		if (value === null || typeof value !== "object") return value;
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.maskDeep(item)])) as T;
	}
}

function formsOf(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const base64 = bytes.toString("base64").replace(/=+$/, "");
	// A secret of several lines (a key) also leaves line by line.
	const lines = secret.includes("\n") ? secret.split("\n").map((line) => line.trim()) : [];
	return [
		secret,
		base64,
		bytes.toString("base64url"),
		encodeURIComponent(secret.toWellFormed()),
		JSON.stringify(secret).slice(1, -1),
		...lines,
	].filter((form) => form.length >= shortestSecret);
}

function longestFirst(a: string, b: string): number {
	return b.length - a.length;
}

function escapePattern(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
