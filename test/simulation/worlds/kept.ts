// Keeps the worlds that once broke a rule, made as small as they could be, with what each of them found. They are always played.
import type { WorldPlan } from "./plan.ts";

export interface KeptWorld {
	/** What it found, and what was done about it. */
	found: string;
	plan: WorldPlan;
}

/** The simplest there is to begin with. */
export const oneRelease: WorldPlan["setup"] = {
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
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "sick" } },
				{ afterMs: 14_000, act: { do: "leader changes", forMs: 500 } },
			],
			faults: [],
			turns: 0,
		},
	},
	{
		found: "a release ran, its worker died, a hand removed the service: it was called not swapped. What nobody can see is not known",
		plan: {
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "better" } },
				{ when: "lost its worker", afterMs: 2_000, act: { do: "hand removes", folder: 0 } },
			],
			faults: [{ name: "swarm.updateService", nth: 1, which: "killed after" }],
			turns: 0,
		},
	},
	{
		found: "a worker that woke up removed a service of another deployment that was made under the same name since: it goes by its id",
		plan: {
			setup: { ...oneRelease, begins: "nothing" },
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "crashing" } },
				{ when: "is over", afterMs: 500, act: { do: "deploy", folder: 0, app: "good" } },
			],
			faults: [{ name: "swarm.removeService", nth: 1, which: "suspended before" }],
			turns: 0,
		},
	},
	{
		found: "what is put back scaled to zero was waited for until the deadline, and so was a release that nothing watches over",
		plan: {
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "hand scales", folder: 0, to: 0 } },
				{ afterMs: 1_000, act: { do: "deploy", folder: 0, app: "crashing" } },
			],
			faults: [],
			turns: 0,
		},
	},
	{
		found: "a hand scaled to zero right before a revert, whose update was then planned anew and brought one task back",
		plan: {
			setup: { ...oneRelease, bake: "45s" },
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "good" } },
				{ when: "is over", afterMs: 0, act: { do: "deploy", folder: 0, app: "one of two", confirm: true } },
				{ when: "lost its worker", afterMs: 0, act: { do: "leader changes", forMs: 8_000 } },
				{ when: "is in its gate", afterMs: 300, act: { do: "hand scales", folder: 0, to: 0 } },
				{ afterMs: 0, act: { do: "clock jumps", byMs: -3_600_000 } },
			],
			faults: [],
			turns: 794933857,
		},
	},
	{
		found: "a release that names itself, scaled to zero by a hand before it ran, was said to have come up: its gate began",
		plan: {
			setup: { ...oneRelease, namesItself: true },
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "better" } },
				{ when: "is put there", afterMs: 300, act: { do: "hand scales", folder: 0, to: 0 } },
			],
			faults: [],
			turns: 0,
		},
	},
	{
		found: "a revert's update arrived when its worker was dead and the next had given the revert up: it makes it out of sequence first",
		plan: {
			setup: { ...oneRelease, volume: true },
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "ill" } },
				{ when: "lost its worker", afterMs: 1_000, act: { do: "volume is taken", folder: 0 } },
			],
			faults: [{ name: "swarm.updateService", nth: 2, which: "killed, its request arrives late" }],
			turns: 0,
		},
	},
	{
		found: "Docker was away for longer than a swap is tried for: what never came true was called changed by somebody else",
		plan: {
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "better" } },
				// Between the look at the service and its update.
				{ afterMs: 4_505.5, act: { do: "docker is away", forMs: 640_000 } },
			],
			faults: [],
			turns: 0,
		},
	},
	{
		found: "a worker was at work though its start was said to have failed: the call that deployed ended in a lost lock, without an answer",
		plan: {
			setup: oneRelease,
			acts: [{ afterMs: 0, act: { do: "deploy", folder: 0, app: "better" } }],
			faults: [{ name: "workers.start", nth: 1, which: "error after" }],
			turns: 0,
		},
	},
	{
		found: "a hand rolled back to a service at zero: Swarm was said to have refused the tasks, after two minutes in which none was to come",
		plan: {
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "good" } },
				{ when: "is built", afterMs: 0, act: { do: "hand scales", folder: 0, to: 0 } },
				{ when: "is built", afterMs: 2_000, act: { do: "hand rolls back", folder: 0 } },
			],
			faults: [],
			turns: 660078413,
		},
	},
	{
		found: "a hand brought back a release that had not been live, over a newer deployment: it was judged live, and another reported",
		plan: {
			setup: oneRelease,
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "better" } },
				{ when: "is in its gate", afterMs: 500, act: { do: "hand rolls back", folder: 0 } },
				{ when: "is over", afterMs: 9_000, act: { do: "deploy", folder: 0, app: "good" } },
				{ when: "is over", afterMs: 500, act: { do: "hand rolls back", folder: 0 } },
			],
			faults: [],
			turns: 0,
		},
	},
];
