// Makes readable ids from a project's name.

/** A Swarm service's name and a DNS label have 63 characters at most; this leaves room for the counter and for prefixes. */
const longestBase = 40;
const combiningMarks = /\p{M}/gu;

/** Letters that Unicode does not take apart into a base letter and a mark. */
const plainLetters: Record<string, string> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };

/** Candidate ids for a name, best first and without end: `hello`, `hello-2`, `hello-3`, … */
export function* slugs(name: string): Generator<string, never> {
	const base = slugOf(name);
	yield base;
	for (let counter = 2; ; counter++) yield `${base}-${counter}`;
}

/** A Swarm service name and DNS label: a-z, 0-9 and hyphens, a letter first, at most 40 characters; `app` where nothing is left. */
function slugOf(name: string): string {
	const plain = name
		.toLowerCase()
		.replace(/[ßæœøđðłþı]/g, (letter) => plainLetters[letter] ?? letter)
		.normalize("NFKD")
		.replace(combiningMarks, "")
		.toLowerCase();
	const words = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
	const lettered = /^[a-z]/.test(words) ? words : `app-${words}`;
	return lettered.slice(0, longestBase).replace(/-+$/, "");
}
