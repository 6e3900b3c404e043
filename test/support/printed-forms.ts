// Prints a value in the ways that programs do, each with choices that programs make differently.

/** Decides for the character at a place: whether it is escaped though it need not be, whether in capitals. */
export type Choose = (at: number) => boolean;

export const printedForms: Record<string, (value: string, choose: Choose) => string> = {
	plain: (value) => value,
	JSON: (value) => JSON.stringify(value).slice(1, -1),
	"JSON of Go": (value) =>
		JSON.stringify(value)
			.slice(1, -1)
			.replace(/[<>&\u2028\u2029]/g, unicode),
	"JSON in JSON": (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
	"unicode escapes": (value, choose) =>
		eachUnit(value, (unit, at) => (unit === "\\" || choose(at) ? cased(unicode(unit), choose(at + 1)) : unit)),
	"unicode escapes in braces": (value) => eachCharacter(value, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`),
	"Python text": (value) => eachCharacter(value, pythonCharacter),
	"Python bytes": (value, choose) =>
		eachByte(value, (byte, at) => (isPlain(byte, "\\") ? latin(byte) : cased(`\\x${hex(byte)}`, choose(at), 2))),
	octal: (value) => eachByte(value, (byte) => (isPlain(byte, "\\") ? latin(byte) : `\\${byte.toString(8).padStart(3, "0")}`)),
	address: (value, choose) =>
		eachByte(value, (byte, at) => (isPlain(byte, "%") && choose(at) ? latin(byte) : cased(`%${hex(byte)}`, choose(at + 1)))),
	form: (value, choose) =>
		eachByte(value, (byte, at) => (byte === 0x20 ? "+" : isPlain(byte, "%+") ? latin(byte) : cased(`%${hex(byte)}`, choose(at)))),
	"address in JSON": (value) => JSON.stringify(encodeURIComponent(value.toWellFormed())).slice(1, -1),
	HTML: (value) =>
		value.replace(/[&<>"']/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#x27;" })[character] ?? ""),
	"HTML by number": (value, choose) =>
		eachCharacter(value, (character, at) => {
			const codePoint = character.codePointAt(0) ?? 0;
			return choose(at) ? `&#${codePoint};` : `&#${choose(at + 1) ? "x" : "X"}${codePoint.toString(16)};`;
		}),
	"wrong encoding": (value) => Buffer.from(value).toString("latin1"),
	base64: (value) => Buffer.from(value).toString("base64"),
	base64url: (value) => Buffer.from(value).toString("base64url"),
	"base64 in lines": (value) =>
		Buffer.from(value)
			.toString("base64")
			.replace(/.{76}(?=.)/g, "$&\n"),
	"base64 in an address": (value) => encodeURIComponent(Buffer.from(value).toString("base64")),
	"base64 of JSON": (value) => Buffer.from(JSON.stringify({ password: value })).toString("base64"),
	"base64 of a login": (value) => Buffer.from(`someone:${value}`).toString("base64"),
	"base64 of base64": (value) =>
		Buffer.from(
			Buffer.from(`{"auths":{"registry.example.com":{"auth":"${Buffer.from(`someone:${value}`).toString("base64")}"}}}`),
		).toString("base64"),
};

function eachUnit(value: string, print: (unit: string, at: number) => string): string {
	return Array.from({ length: value.length }, (_, at) => print(value.charAt(at), at)).join("");
}

function eachCharacter(value: string, print: (character: string, at: number) => string): string {
	return Array.from(value, print).join("");
}

function eachByte(value: string, print: (byte: number, at: number) => string): string {
	return Array.from(Buffer.from(value), print).join("");
}

/** Whether a byte is printable ASCII other than these. */
function isPlain(byte: number, except: string): boolean {
	return byte >= 0x20 && byte < 0x7f && !except.includes(latin(byte));
}

function pythonCharacter(character: string): string {
	const codePoint = character.codePointAt(0) ?? 0;
	if (character === "\n") return "\\n";
	if (character === "'" || character === "\\") return `\\${character}`;
	if (codePoint >= 0x20 && codePoint < 0x7f) return character;
	if (codePoint < 0x100) return `\\x${hex(codePoint)}`;
	return codePoint < 0x1_0000 ? unicode(character) : `\\U${codePoint.toString(16).padStart(8, "0")}`;
}

function unicode(unit: string): string {
	return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function hex(byte: number): string {
	return byte.toString(16).padStart(2, "0");
}

function latin(byte: number): string {
	return String.fromCharCode(byte);
}

/** The digits in capitals, behind `from` characters that say what they are. */
function cased(written: string, capitals: boolean, from = 2): string {
	return capitals ? written.slice(0, from) + written.slice(from).toUpperCase() : written;
}
