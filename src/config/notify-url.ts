// Reads the address that events are sent to, which is a secret as a whole: who has a chat's incoming webhook may write there.
import { Refusal } from "./refusal.ts";

const longestUrl = 2048;
/** Part of an address that is as long as this is a token; what is shorter is a word such as `hooks`. */
const shortestToken = 16;

/** @throws Refusal, which shows nothing of what was given */
export function parseNotifyUrl(text: string): URL {
	const url = URL.canParse(text) && text.length <= longestUrl ? new URL(text) : undefined;
	if (!url || !["https:", "http:"].includes(url.protocol)) {
		throw new Refusal(
			`got ${text.length} characters, expected an address that begins with https:// (or http://); it is not shown, for it may be a secret`,
		);
	}
	if (url.username || url.password) throw new Refusal("holds a user or a password, which are not sent: give an address without them");
	return url;
}

/** In which forms the address, or a part of it, would tell the secret. */
export function secretsInUrl(text: string | undefined): string[] {
	const given = text?.trim();
	if (!given || !URL.canParse(given)) return [];
	const { href, pathname, search, searchParams } = new URL(given);
	const parts = [`${pathname}${search}`, ...pathname.split("/"), ...searchParams.values()];
	return [href, ...parts.filter((part) => part.length >= shortestToken)];
}
