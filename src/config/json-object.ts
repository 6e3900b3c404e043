// Tells JSON objects from everything else that files and programs contain.

/** A JSON object, undefined for any other text. */
export function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		return asObject(JSON.parse(text.replace(/^\uFEFF/, "")));
	} catch {
		// The parser's message quotes the text, which may hold passwords.
		return undefined;
	}
}

/** The value if it is an object, undefined otherwise. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
	return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
