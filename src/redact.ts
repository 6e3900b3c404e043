// Owns the masking of secrets in every text that leaves: answers, errors, progress, logs, the database.

const mask = "***";

/** Shorter values ("1", "true", "prod") are no secrets, and masking them would garble every text. */
const shortestSecret = 6;

/** `scheme://user:password@` in any address, whoever the password belongs to. Bounded: a long word must not cost its square. */
const passwordInAddress = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,256}:[^\s/]{1,4096}@/gi;
const authorizationHeader = /\b(authorization:?\s*(?:basic|bearer|token)\s+)[\w.~+/=-]+/gi;

/**
 * Takes what must not leave out of text, also where it stands base64, URL or JSON encoded. There are two kinds. Secrets
 * (passwords, tokens, keys) are masked everywhere. Env values are masked in all text from outside and in logs, but not in
 * our own fields: one that happens to be a branch, a domain or an application's id would make an answer useless, and tells
 * nothing there. Both are added as they are read, and stay masked for the life of the process.
 */
export class Redactor {
	readonly #secrets = new MaskedForms();
	readonly #envValues = new MaskedForms();

	add(...secrets: (string | undefined)[]): void {
		for (const secret of secrets) this.#secrets.add(secret);
	}

	addEnvValue(value: string): void {
		this.#envValues.add(value);
	}

	/** Text from outside, or a log line, without secrets and env values. */
	mask(text: string): string {
		return this.maskSecrets(this.#envValues.mask(text));
	}

	/** A text of ours without secrets. */
	maskSecrets(text: string): string {
		return this.#secrets.mask(text).replace(passwordInAddress, `$1${mask}@`).replace(authorizationHeader, `$1${mask}`);
	}

	/** A copy of a JSON value with the secrets in every string masked; keys are kept. */
	maskDeep<T>(value: T): T {
		if (typeof value === "string") return this.maskSecrets(value) as T;
		if (Array.isArray(value)) return value.map((item) => this.maskDeep(item)) as T;
		if (value === null || typeof value !== "object") return value;
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.maskDeep(item)])) as T;
	}
}

/** A set of texts in all their encodings, as one pattern. */
class MaskedForms {
	readonly #forms = new Set<string>();
	#pattern: RegExp | undefined;

	add(text: string | undefined): void {
		const trimmed = text?.trim();
		if (!trimmed || trimmed.length < shortestSecret) return;
		for (const form of formsOf(trimmed)) this.#forms.add(form);
		this.#pattern = undefined;
	}

	mask(text: string): string {
		if (this.#forms.size === 0) return text;
		this.#pattern ??= new RegExp([...this.#forms].sort(longestFirst).map(escapePattern).join("|"), "g");
		return text.replace(this.#pattern, mask);
	}
}

function formsOf(secret: string): string[] {
	const json = JSON.stringify(secret).slice(1, -1);
	// A secret of several lines (a key) also leaves line by line.
	const lines = secret.includes("\n") ? secret.split("\n").map((line) => line.trim()) : [];
	return [secret, json, ...base64Forms(secret), ...base64Forms(json), encodeURIComponent(secret.toWellFormed()), ...lines].filter(
		(form) => form.length >= shortestSecret,
	);
}

/**
 * Base64 and base64url of the whole, and the part of it that stays the same whatever stands before and after: a text begins
 * at one of three places within base64's groups, as a password does in `user:password`.
 */
function base64Forms(text: string): string[] {
	const bytes = Buffer.from(text);
	const within = [0, 1, 2].map((offset) => {
		const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
		const firstOwn = Math.ceil((offset * 8) / 6);
		return encoded.slice(firstOwn, Math.floor(((offset + bytes.length) * 8) / 6));
	});
	const urlSafe = [bytes.toString("base64url"), ...within];
	return [...urlSafe, ...urlSafe.map((form) => form.replaceAll("-", "+").replaceAll("_", "/"))];
}

function longestFirst(a: string, b: string): number {
	return b.length - a.length;
}

function escapePattern(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
