// Shows a value from outside in a message: escaped, cut to size, never a whole object.

const longestShown = 60;
/** Where a file of the operator's lies must be told in full. */
const longestFile = 1000;

/** What somebody gave as a reason, at its longest. */
const longestReason = 500;

/** Of a place in a file, which can lie deep. */
const longestPlace = 200;

/** Control characters and the invisible ones that hide or reorder text (bidi, zero width, line separators, fillers). */
const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const plainKey = /^[A-Za-z_$][\w$-]*$/;

/** A value as a message shows it: strings quoted, escaped and cut to 60 characters; of lists and objects only that they are one. */
export function quote(value: unknown): string {
	if (typeof value === "string") return quoteText(value);
	if (Array.isArray(value)) return "a list";
	if (value !== null && typeof value === "object") return "an object";
	return String(value);
}

/** A file of the operator's, quoted and escaped. */
export function quoteFile(file: string): string {
	return quoteText(file, longestFile);
}

/** What somebody gave as a reason, in brackets after a sentence of ours: whole, quoted and escaped, so that nothing in it reads as ours. */
export function reasonGiven(reason: string | undefined): string {
	return reason === undefined ? "" : ` (${quoteText(reason, longestReason)})`;
}

/** What kind of value it is, for values that may be secrets. */
export function kindOf(value: unknown): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A place in a JSON value: `build.args["a b"]`, `mounts[0].mountPath`. */
export function quotePath(path: readonly PropertyKey[]): string {
	const place = path.map(pathStep).join("").replace(/^\./, "");
	return place.length <= longestPlace ? place : `${place.slice(0, longestPlace - 1)}…`;
}

function pathStep(step: PropertyKey): string {
	if (typeof step === "number") return `[${step}]`;
	const key = String(step);
	return plainKey.test(key) && key.length <= longestShown ? `.${key}` : `[${quoteText(key)}]`;
}

function quoteText(text: string, longest = longestShown): string {
	// A character is at most two units: one more than is shown tells whether there is more.
	const characters = [...text.slice(0, (longest + 1) * 2)];
	const cut = characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : characters.join("");
	return escapeInvisible(JSON.stringify(cut));
}

/** Text in which nothing hides or moves other text: `\u{202e}` for what would. */
export function escapeInvisible(text: string): string {
	return text.replace(invisible, escapeCharacter);
}

function escapeCharacter(character: string): string {
	return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
