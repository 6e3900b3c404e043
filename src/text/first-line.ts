// Takes the first line of a text: the subject of a commit message.

/** Empty for a text that begins with a line break. */
export function firstLine(text: string): string {
	return text.split("\n", 1)[0] ?? "";
}
