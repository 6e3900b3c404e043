// Tells of what becomes of events while their receiver is down, says nothing, or will not have one of them.
import type { Story } from "../faults/story.ts";
import { crashing, deploy, ends, good, ill, isReverted, register, running } from "./telling.ts";

/** The receiver is so from the story's beginning on, and well again a minute and a half later. */
function whileReceiverIs(state: "down" | "silent", act: Story["act"]): Story["act"] {
	return async (stage) => {
		const { receiver, clock } = stage.world;
		receiver.state = state;
		clock.after(90_000, () => {
			receiver.state = "up";
		});
		await act(stage);
	};
}

function refusing(event: string, act: Story["act"]): Story["act"] {
	return async (stage) => {
		stage.world.receiver.refuses = event;
		await act(stage);
	};
}

/** What the receiver does not have yet is sent by whoever comes next, long after the deployment's worker ended. Few enough for every check. */
export const deliveries: Story[] = [
	{
		name: "a first deploy whose receiver is down",
		prepare: register(),
		act: whileReceiverIs("down", deploy(good("one"))),
		judge: ends("live"),
	},
	{
		name: "a deploy that crashes after an event that the receiver will not have",
		prepare: running(),
		act: refusing("live", deploy(crashing)),
		judge: ends("orchestrator_rolled_back"),
	},
];

export const otherDeliveries: Story[] = [
	{
		name: "a deploy whose receiver says nothing",
		prepare: running(),
		act: whileReceiverIs("silent", deploy(good("two"))),
		judge: ends("live"),
	},
	{
		name: "a revert of which the receiver will not have one event",
		prepare: running(),
		act: refusing("live", deploy(ill)),
		judge: isReverted,
	},
];
