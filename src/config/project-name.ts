// Checks the name of a project.
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestName = 80;

/** 1-80 characters without line breaks and invisible ones, spaces around it dropped. */
export function parseProjectName(text: string): string {
	const name = text.trim();
	const length = [...name].length;
	if (length === 0 || length > longestName) throw new Refusal(`got ${quote(text)}, expected 1-${longestName} characters`);
	if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.test(name))
		throw new Refusal(`got ${quote(text)}, expected no control or invisible characters`);
	return name;
}
