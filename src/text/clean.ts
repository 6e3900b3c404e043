// Takes out of a text what hides, reorders or recolours it, and leaves what people read.

/** ANSI escape sequences: colours, cursor moves, titles. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ansiSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
/**
 * Control characters but newline and tab, and all that is not seen: bidi, zero width, tags, fillers, variation selectors, which
 * can carry a whole text unseen.
 */
const invisible = /[^\P{C}\n\t]|[\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;

/** Line ends become `\n`; sequences and invisible characters are dropped. */
export function clean(text: string): string {
	return text.replace(/\r\n?/g, "\n").replace(ansiSequence, "").replace(invisible, "");
}
