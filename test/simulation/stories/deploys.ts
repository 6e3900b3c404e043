// Tells of deploys that a worker takes from their beginning to their end.
import type { Story } from "../faults/story.ts";
import {
	changedSince,
	crashing,
	deploy,
	deployAgainAndAgain,
	deployUnplaced,
	ends,
	good,
	ill,
	isOneDeployment,
	isReverted,
	notArmed,
	nothingRecorded,
	register,
	running,
	sick,
	slowToStop,
	withVolume,
} from "./telling.ts";

/** Few enough for every check. */
export const deploys: Story[] = [
	{ name: "a first deploy that goes well", prepare: register(), act: deploy(good("one")), judge: ends("live") },
	{ name: "a deploy that crashes", prepare: running(), act: deploy(crashing), judge: ends("orchestrator_rolled_back") },
	{ name: "a deploy that is ill and reverted", prepare: running(), act: deploy(ill), judge: isReverted },
];

export const otherDeploys: Story[] = [
	{ name: "a first deploy that crashes", prepare: register(), act: deploy(crashing), judge: ends("failed") },
	{ name: "a deploy that goes well", prepare: running(), act: deploy(good("two")), judge: ends("live") },
	{ name: "a deploy of what runs", prepare: running(), act: deploy(good("one")), judge: ends("unchanged") },
	{ name: "a deploy that is sick", prepare: running(), act: deploy(sick), judge: ends("orchestrator_rolled_back") },
	{ name: "a deploy that stops first", prepare: running(withVolume), act: deploy(good("two")), judge: ends("live") },
	{
		name: "a deploy that stops first and crashes",
		prepare: running(withVolume),
		act: deploy(crashing),
		judge: ends("orchestrator_rolled_back"),
	},
	{ name: "a deploy over a release that is slow to stop", prepare: running({}, slowToStop), act: deploy(good("two")), judge: ends("live") },
	{
		name: "a deploy that no node takes",
		prepare: changedSince(running()),
		act: deployUnplaced(deploy(good("two"))),
		judge: ends("failed"),
	},
	{ name: "a deploy asked for again and again", prepare: running(), act: deployAgainAndAgain, judge: isOneDeployment },
	{ name: "a deploy that is ill and not armed", prepare: running(notArmed), act: deploy(ill), judge: ends("live_unhealthy") },
	{ name: "a deploy without rollback points", prepare: running(nothingRecorded), act: deploy(good("two")), judge: ends("live") },
	{ name: "a deploy of two replicas", prepare: running({ replicas: 2 }), act: deploy(good("two")), judge: ends("live") },
];
