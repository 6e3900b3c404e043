// Finds the id of a JSON-RPC request while it streams by, without keeping it.

export type RequestId = string | number;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;
const comma = 0x2c;

/** Longer keys and values are none that are looked for. */
const longestToken = 200;

/** Follows the bytes of one JSON object, of which clients write the id last as often as first. */
export class RequestIdFinder {
	/** Undefined where the message has none, or is no JSON object. */
	id: RequestId | undefined;
	/** Whether the message is a request or a notification, rather than an answer. */
	hasMethod = false;
	#depth = 0;
	#inString = false;
	#isEscaped = false;
	/** The outermost object's key or value that is being read. */
	#token: number[] = [];
	#key = "";

	push(bytes: Uint8Array): void {
		for (const byte of bytes) {
			if (this.#inString) this.#stepInString(byte);
			else this.#step(byte);
		}
	}

	#stepInString(byte: number): void {
		this.#keep(byte);
		if (this.#isEscaped) this.#isEscaped = false;
		else if (byte === backslash) this.#isEscaped = true;
		else if (byte === quote) this.#inString = false;
	}

	#step(byte: number): void {
		if (byte === quote) this.#inString = true;
		if (byte === openBrace || byte === openBracket) this.#depth++;
		else if (this.#depth === 1 && byte === colon) this.#endKey();
		else if (this.#depth === 1 && (byte === comma || byte === closeBrace)) this.#endValue();
		else this.#keep(byte);
		if (byte === closeBrace || byte === closeBracket) this.#depth--;
	}

	#keep(byte: number): void {
		if (this.#depth === 1 && this.#token.length < longestToken) this.#token.push(byte);
	}

	#endKey(): void {
		this.#key = this.#takeToken();
		if (this.#key === '"method"') this.hasMethod = true;
	}

	#endValue(): void {
		const value = this.#takeToken();
		if (this.#key === '"id"') this.id = parseId(value);
		this.#key = "";
	}

	#takeToken(): string {
		const token = Buffer.from(this.#token).toString().trim();
		this.#token = [];
		return token;
	}
}

function parseId(token: string): RequestId | undefined {
	try {
		const id: unknown = JSON.parse(token);
		return typeof id === "string" || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
	} catch {
		return undefined;
	}
}
