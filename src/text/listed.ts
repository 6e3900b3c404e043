// Lists names in a sentence, which has no room for hundreds of them.

/**
 * The first `most`, and how many more there are.
 * @param total where `names` are but the beginning of them
 */
export function listed(names: readonly string[], most: number, total = names.length): string {
	const more = total - Math.min(most, names.length);
	return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
