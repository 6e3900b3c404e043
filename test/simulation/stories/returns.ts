// Tells of rollbacks, of what is cancelled, and of what another worker goes on with.
import type { Story } from "../faults/story.ts";
import {
	cancelIn,
	cancelRollback,
	changedSince,
	crashing,
	deployUnplaced,
	ends,
	good,
	ill,
	isReverted,
	killedAfter,
	killedInGate,
	lookedAt,
	register,
	rollBack,
	running,
	twice,
} from "./telling.ts";

/** Few enough for every check. */
export const returns: Story[] = [
	{ name: "a rollback", prepare: twice, act: rollBack, judge: ends("live") },
	{ name: "a deploy cancelled in push", prepare: running(), act: cancelIn("push"), judge: ends("cancelled") },
	{ name: "a rollback cancelled in queued", prepare: twice, act: cancelRollback, judge: ends("cancelled") },
	{
		name: "a deploy resumed after its swap",
		prepare: running(),
		script: killedAfter("swarm.updateService"),
		act: lookedAt(good("two")),
		judge: ends("live"),
	},
	{
		name: "a revert resumed before its swap",
		prepare: running(),
		script: killedAfter("store.beginRevert"),
		act: lookedAt(ill),
		judge: isReverted,
	},
];

export const otherReturns: Story[] = [
	...(["queued", "checkout", "build"] as const).map(
		(phase): Story => ({ name: `a deploy cancelled in ${phase}`, prepare: running(), act: cancelIn(phase), judge: ends("cancelled") }),
	),
	{
		name: "a crashing deploy resumed after its swap",
		prepare: running(),
		script: killedAfter("swarm.updateService"),
		act: lookedAt(crashing),
		judge: ends("orchestrator_rolled_back"),
	},
	{
		name: "a first crashing deploy resumed after its swap",
		prepare: register(),
		script: killedAfter("swarm.createService"),
		act: lookedAt(crashing),
		judge: ends("failed"),
	},
	{
		name: "a deploy that no node takes resumed after its swap",
		prepare: changedSince(running()),
		script: killedAfter("swarm.updateService"),
		act: deployUnplaced(lookedAt(good("two"))),
		judge: ends("failed"),
	},
	{
		name: "a deploy resumed in its gate",
		prepare: running(),
		script: killedInGate(),
		act: lookedAt(good("two")),
		judge: ends("live"),
	},
	{
		name: "a revert resumed after its swap",
		prepare: running(),
		script: killedAfter("swarm.updateService", 2),
		act: lookedAt(ill),
		judge: isReverted,
	},
];
