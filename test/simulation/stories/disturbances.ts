// Tells of deploys that operators and accidents interfere with, a moment after their gate began.
import type { Story } from "../faults/story.ts";
import {
	ends,
	endsAndKeepsItsPoint,
	givesFirstImage,
	ill,
	isLeftAtZero,
	isReverted,
	running,
	scalesToZero,
	thenDeploy,
	twice,
	withAccident,
	withHand,
} from "./telling.ts";

export const disturbances: Story[] = [
	{ name: "a deploy labelled by hand in its gate", prepare: running(), act: withHand((hand) => hand.label()), judge: ends("live") },
	{ name: "a deploy scaled by hand in its gate", prepare: running(), act: withHand((hand) => hand.scale(2)), judge: ends("live") },
	{
		name: "a deploy rolled back by hand in its gate",
		prepare: running(),
		act: withHand((hand) => hand.rollBack()),
		judge: endsAndKeepsItsPoint("failed"),
	},
	{
		name: "a deploy scaled to zero by hand in its gate",
		prepare: running(),
		act: withHand(scalesToZero),
		judge: isLeftAtZero,
		endsForeign: true,
	},
	{
		name: "a deploy after one that was scaled to zero by hand",
		prepare: running(),
		act: thenDeploy(withHand(scalesToZero)),
		judge: ends("live"),
		endsForeign: true,
	},
	{
		name: "a deploy given another image by hand in its gate",
		prepare: twice,
		act: withHand(givesFirstImage),
		judge: ends("failed"),
		endsForeign: true,
	},
	{
		name: "a deploy removed by hand in its gate",
		prepare: running(),
		act: withHand((hand) => hand.remove()),
		judge: ends("failed"),
		endsForeign: true,
	},
	{
		name: "a deploy while the leader changes in its gate",
		prepare: running(),
		act: withAccident(({ world }) => world.cluster.changeLeader(4_000)),
		judge: ends("live"),
	},
	{
		name: "a deploy while the wall clock is set back by an hour",
		prepare: running(),
		act: withAccident(({ world }) => world.clock.jump(-3_600_000)),
		judge: ends("live"),
	},
	{
		name: "a deploy while the wall clock is set forward by a day",
		prepare: running(),
		act: withAccident(({ world }) => world.clock.jump(86_400_000)),
		judge: ends("live"),
	},
	{
		name: "a deploy while Docker is away for two minutes",
		prepare: running(),
		act: withAccident(({ world }) => world.cluster.goAway(120_000)),
		judge: ends("live"),
	},
	{
		name: "a deploy while Docker stands still, and with it the names that its ingress looks up",
		prepare: running({ health: { path: "/healthz", retries: 5, intervalMs: 1_000, timeoutMs: 1_000 } }),
		act: withAccident(({ world }) => {
			world.ingress.asksEngine = true;
			world.cluster.goAway(60_000);
		}),
		judge: ends("live"),
	},
	{
		name: "a revert while the registry is away for half a minute",
		prepare: running(),
		act: withAccident(({ world }) => {
			world.registry.state = "down";
			world.clock.after(30_000, () => {
				world.registry.state = "up";
			});
		}, ill),
		judge: isReverted,
	},
	{
		name: "a deploy while the engine restarts in its gate",
		prepare: running(),
		act: withAccident(({ world }) => world.cluster.restartEngine(6_000)),
		judge: ends("live"),
	},
];
