// Lists names in a sentence, which has no room for hundreds of them.

/** The first `most`, and how many more there are. */
export function listed(names: readonly string[], most: number): string {
	const more = names.length - most;
	return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
