// Keeps the worlds that once broke a rule, made as small as they could be, with what each of them found. They are always played.
import type { WorldPlan } from "./plan.ts";

export interface KeptWorld {
	/** What it found, and what was done about it. */
	found: string;
	plan: WorldPlan;
}

const setup: WorldPlan["setup"] = {
	nodes: 1,
	folders: "one",
	begins: "a release",
	replicas: 1,
	volume: false,
	rollback: "auto",
	bake: "0s",
	namesItself: false,
	drains: false,
};

export const keptWorlds: readonly KeptWorld[] = [
	{
		found: "a leader that changes forgets to take a crashing update back: its tasks were waited for without an end, and are given up now",
		plan: {
			setup,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "sick" } },
				{ afterMs: 14_000, act: { do: "leader changes", forMs: 500 } },
			],
			faults: [],
			turns: 0,
		},
	},
];
