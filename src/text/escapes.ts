// Undoes the escapes in which programs print a value: of JSON, Go, Python, C and shells, of addresses, and of HTML.
import { type View, ViewWriter } from "./view.ts";

/** JSON and Go (\u003c), JavaScript (\u{e4}), Python (\xe4, \U0001f600), C and git (\303), and a backslash before anything else that is no letter. */
const backslash =
	/\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,8})\}|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|([abefnrtv])|([^0-9A-Za-z]))/g;
const controls: Record<string, string> = { a: "\x07", b: "\b", e: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const percent = /%(?:([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/g;
const percentOrPlus = /%(?:([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))|\+/g;

const entity = /&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(amp|AMP|apos|gt|GT|lt|LT|nbsp|quot|QUOT));?/g;
const entities: Record<string, string> = { amp: "&", apos: "'", gt: ">", lt: "<", nbsp: "\u00a0", quot: '"' };

/** Undefined where the text has no such escape. Bytes (`\xc3`) become characters of the same number: see `joinUtf8`. */
export function undoBackslashes(view: View): View | undefined {
	if (!view.text.includes("\\")) return undefined;
	return decode(view, backslash, ([, unit, codePoint, long, byte, octal, control, plain]) => {
		if (control !== undefined) return controls[control];
		if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
		return plain ?? character(Number.parseInt(unit ?? codePoint ?? long ?? byte ?? "", 16));
	});
}

/** Undefined where the text has no `%`. */
export function undoPercents(view: View): View | undefined {
	if (!view.text.includes("%")) return undefined;
	return decode(view, percent, ([, byte, unit]) => character(Number.parseInt(byte ?? unit ?? "", 16)));
}

/** As forms write it: `+` is a space. Undefined where the text has no `+`. */
export function undoForm(view: View): View | undefined {
	if (!view.text.includes("+")) return undefined;
	return decode(view, percentOrPlus, ([all, byte, unit]) => (all === "+" ? " " : character(Number.parseInt(byte ?? unit ?? "", 16))));
}

/** Undefined where the text has no `&`. */
export function undoEntities(view: View): View | undefined {
	if (!view.text.includes("&")) return undefined;
	return decode(view, entity, ([, decimal, hexadecimal, name]) => {
		if (name !== undefined) return entities[name.toLowerCase()];
		return character(decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal));
	});
}

/**
 * Joins characters that are the bytes of UTF-8 text (`Ã¼`) to the ones they mean (`ü`): bytes that were escaped or encoded
 * one by one, and text that somebody read in the wrong encoding. Undefined where there is none.
 */
export function joinUtf8(view: View): View | undefined {
	if (!/[\u00c2-\u00f4][\u0080-\u00bf]/.test(view.text)) return undefined;
	return decode(view, utf8Sequence, ([sequence]) => {
		const joined = Buffer.from(sequence, "latin1").toString("utf8");
		return joined.includes("\ufffd") && sequence !== "\u00ef\u00bf\u00bd" ? undefined : joined;
	});
}

const utf8Sequence = /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}/g;

/** What `read` returns stands for the whole match; undefined leaves the match as it is. */
function decode(source: View, pattern: RegExp, read: (match: RegExpExecArray) => string | undefined): View {
	const writer = new ViewWriter(source);
	let copied = 0;
	for (const match of source.text.matchAll(pattern)) {
		const text = read(match);
		if (text === undefined) continue;
		const end = match.index + match[0].length;
		writer.copy(copied, match.index);
		for (let at = 0; at < text.length; at++) writer.put(text.charCodeAt(at), match.index, end);
		copied = end;
	}
	writer.copy(copied, source.text.length);
	return writer.finish();
}

function character(codePoint: number): string | undefined {
	return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}
