// Parses how long a live release stays under watch.
import { durationMs } from "../model/duration.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestMs = 24 * 3_600_000;

/** As it was written: `90s`, `10m`, `2h`. */
export function parseBakeTime(text: string): string {
	const ms = durationMs(text);
	if (ms === undefined) throw new Refusal(`got ${quote(text)}, expected a duration such as 90s, 10m or 2h`);
	if (ms > longestMs) throw new Refusal(`got ${quote(text)}, allowed 0s to 24h`);
	return text;
}
