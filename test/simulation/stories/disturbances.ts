// Tells of deploys that hands and accidents come into, a moment after their gate began.
import type { Story } from "../faults/story.ts";
import { ends, givesFirstImage, running, twice, withAccident, withHand } from "./telling.ts";

export const disturbances: Story[] = [
	{ name: "a deploy labelled by hand in its gate", prepare: running(), act: withHand((hand) => hand.label()), judge: ends("live") },
	{ name: "a deploy scaled by hand in its gate", prepare: running(), act: withHand((hand) => hand.scale(2)), judge: ends("live") },
	{ name: "a deploy rolled back by hand in its gate", prepare: running(), act: withHand((hand) => hand.rollBack()), judge: ends("failed") },
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
		name: "a deploy while the engine restarts in its gate",
		prepare: running(),
		act: withAccident(({ world }) => world.cluster.restartEngine(6_000)),
		judge: ends("live"),
	},
];
