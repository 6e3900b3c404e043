// Checks paths and globs inside a repository: relative, and never out of it.
import { posix } from "node:path";
import { globMatcher } from "./glob.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestPath = 255;
const longestGlob = 200;
/** Nobody needs so many, and who reads such a glob does not see what it names. */
const mostWildcards = 8;

/** Relative path of a folder, `.` for the root. */
export function parseFolder(text: string): string {
	return insideRepository(text).replace(/(?<=.)\/$/, "");
}

/** Relative path of a file. */
export function parseFile(text: string): string {
	const path = insideRepository(text);
	if (path === "." || path.endsWith("/")) throw new Refusal(`got ${quote(text)}, expected the path of a file`);
	return path;
}

/** Glob over paths of the repository. `folder/` means everything in it. */
export function parseGlob(text: string): string {
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (text.length > longestGlob) throw refuse(`expected at most ${longestGlob} characters`);
	if (/[()|!]/.test(text)) throw refuse("expected a glob of * ** ? [ ] { } without ( ) | !");
	if ((text.match(/\*+/g)?.length ?? 0) > mostWildcards) throw refuse(`expected at most ${mostWildcards} wildcards`);
	const path = insideRepository(text);
	const glob = path === "." ? "**" : path.replace(/\/$/, "/**");
	try {
		globMatcher([glob]);
	} catch (error) {
		throw error instanceof Refusal ? refuse(error.message) : error;
	}
	return glob;
}

function insideRepository(text: string): string {
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (text.trim() === "") throw refuse("expected a path relative to the repository's root");
	if (text.length > longestPath) throw refuse(`expected at most ${longestPath} characters`);
	if (/[\p{C}\\]/u.test(text)) throw refuse("expected a path with / between folders, without \\ and control characters");
	if (/^[a-z][a-z0-9+.-]*:/i.test(text)) throw refuse("expected a path in the repository, not an address or a drive");
	if (text.startsWith("/") || text.startsWith("~")) throw refuse("expected a path relative to the repository's root");
	const path = posix.normalize(text);
	if (path === ".." || path.startsWith("../")) throw refuse("which leads out of the repository");
	return path === "./" ? "." : path;
}
