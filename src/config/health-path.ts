// Checks the path of a health endpoint. It ends up in URLs and in commands inside the container, so it is kept plain.
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestPath = 512;

/** Absolute path, with a query if need be. */
export function parseHealthPath(text: string): string {
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (!text.startsWith("/")) throw refuse("expected a path that starts with /, e.g. /healthz");
	if (text.length > longestPath) throw refuse(`expected at most ${longestPath} characters`);
	// `//host/path` is the address of another host to a URL parser.
	if (text.startsWith("//")) throw refuse("expected a path that starts with one /");
	if (text.includes("#")) throw refuse("expected a path without a fragment (#)");
	if (!/^(?:[\w\-./?=&:@+,~]|%[0-9A-Fa-f]{2})+$/.test(text)) {
		throw refuse("expected letters, digits and - . _ ~ / ? = & : @ + , with anything else percent-encoded");
	}
	if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(text.replace(/\?.*$/, ""))) throw refuse("expected a path without . and .. parts");
	return text;
}
