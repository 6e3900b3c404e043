// Says what becomes of a release that is live and not yet trusted, whatever comes in between: one table for gate, bake and confirmation. Pure.
import type { Bake, BakeState, Confirmation, ConfirmState } from "../../model/probation.ts";

/** Where a release stands. `asked`: it is wanted, and begins when the gate has ended. */
export interface Standing {
	gate: "running" | "passed" | "failed";
	bake: BakeState | "asked" | "none";
	confirm: ConfirmState | "asked" | "none";
}

/** What becomes of each part: it is this from now on, it stays, or whoever asks is refused. */
type Row = [gate: Standing["gate"] | Stays, bake: Standing["bake"] | Stays, confirm: Standing["confirm"] | Stays];
type Stays = "stays" | "refused";

/**
 * A row for each event. A column counts where its part is under way: the gate and the bake while they run, the confirmation while it is
 * awaited, and both of these where the gate that they were asked for ends. Where one part refuses, none changes.
 *
 * While the gate runs, it is the application's lock that refuses. A worker or a server that dies and a clock that is set back change nothing:
 * the record stands, and whoever looks next goes on.
 */
// biome-ignore format: it is a table
const table = {
	//                                    in its gate  in its bake    to be confirmed
	"the gate finds it healthy":         ["passed",   "running",     "awaiting"],
	"the gate has nothing to probe":     ["passed",   "running",     "awaiting"],
	"the gate cannot tell":              ["passed",   "none",        "awaiting"],
	"the gate finds it unhealthy":       ["failed",   "none",        "none"],
	"a deploy begins":                   ["refused",  "cut_short",   "refused"],
	"a rollback begins":                 ["refused",  "cut_short",   "superseded"],
	"a cancel is asked for":             ["refused",  "refused",     "refused"],
	"a hand changes the service":        ["failed",   "cut_short",   "superseded"],
	"it fails its bake and is reverted": ["stays",    "failed",      "superseded"],
	"it fails its bake and stays":       ["stays",    "failed",      "stays"],
	"its bake is over, watched":         ["stays",    "passed",      "stays"],
	"its bake is over, unwatched":       ["stays",    "unobserved",  "stays"],
	"it is confirmed":                   ["refused",  "stays",       "confirmed"],
	"its time to be confirmed is over":  ["stays",    "cut_short",   "expired"],
	"its worker dies":                   ["stays",    "stays",       "stays"],
	"the server dies":                   ["stays",    "stays",       "stays"],
	"the clock is set back":             ["stays",    "stays",       "stays"],
} satisfies Record<string, Row>;

export type Happening = keyof typeof table;

export const happenings = Object.keys(table) as Happening[];

/** Undefined: whoever asks for it is refused, and nothing changes. */
export function nextStanding(standing: Standing, happening: Happening): Standing | undefined {
	return standing.gate === "running" ? afterInGate(standing, table[happening]) : afterGate(standing, table[happening]);
}

/** What was asked for begins where the gate is passed, and never where it is not. */
function afterInGate(standing: Standing, [gate, bake, confirm]: Row): Standing | undefined {
	if (gate === "refused") return undefined;
	if (gate === "stays") return standing;
	const begins = <State extends string>(part: State | "asked" | "none", then: State | Stays) =>
		part !== "asked" || gate !== "passed" || isStaying(then) ? ("none" as const) : then;
	return { gate, bake: begins(standing.bake, bake), confirm: begins(standing.confirm, confirm) };
}

function afterGate({ gate, ...parts }: Standing, [, bake, confirm]: Row): Standing | undefined {
	const isBaking = parts.bake === "running";
	const isAwaited = parts.confirm === "awaiting";
	if ((isBaking && bake === "refused") || (isAwaited && confirm === "refused")) return undefined;
	return {
		gate,
		bake: isBaking && !isStaying(bake) ? bake : parts.bake,
		confirm: isAwaited && !isStaying(confirm) ? confirm : parts.confirm,
	};
}

function isStaying(then: string): then is Stays {
	return then === "stays" || then === "refused";
}

/** Something may still be taken back, and somebody has to watch. */
export function isOpen({ bake, confirm }: Pick<Standing, "bake" | "confirm">): boolean {
	return bake === "running" || confirm === "awaiting";
}

/**
 * Nothing speaks against going back to it: its bake passed or it had none, and it was confirmed where that was asked for.
 */
export function isTrusted({ bake, confirm }: { bake?: Bake; confirm?: Confirmation }): boolean {
	return (bake === undefined || bake.state === "passed") && (confirm === undefined || confirm.state === "confirmed");
}
