// Judges what people were told of a world: every end is an event, every event arrived, and in their order.
import type { DataFolder } from "../world/data-folder.ts";
import type { World } from "../world/world.ts";
import type { Witness } from "./witness.ts";

/** By their delivery ids, in the order in which they were recorded. */
export function undelivered({ receiver }: World, { store }: DataFolder): string[] {
	const arrived = new Set(receiver.taken.map(({ deliveryId }) => deliveryId));
	return dueOf(store, receiver).filter((deliveryId) => !arrived.has(deliveryId));
}

export function judgeDeliveries(witness: Witness, isUndisturbed: boolean): void {
	const { world, folder, truth } = witness;
	const events = folder.store.listEvents(0, 1000);
	for (const { deploymentId, outcome, kind } of folder.store.listDeployments(truth.applicationId, 100)) {
		// What was found there was put there by somebody else, who told of it.
		if (kind === "adopted") continue;
		const isTold = events.some((event) => event.deploymentId === deploymentId && event.event === outcome);
		if (!isTold) witness.breach("every end is an event", `${deploymentId} is ${outcome}, and no event says so`);
	}
	const lost = undelivered(world, folder);
	if (lost.length > 0) witness.breach("no event is lost", `${lost.join(", ")} never arrived`);
	const due = dueOf(folder.store, world.receiver);
	// Another data folder tells of its own.
	const arrived = world.receiver.taken.map(({ deliveryId }) => deliveryId).filter((deliveryId) => due.includes(deliveryId));
	const first = [...new Set(arrived)];
	if (first.join() !== due.join())
		witness.breach("events arrive in their order", `${first.join(", ")} arrived, due were ${due.join(", ")}`);
	// A sender that was killed or stood still cannot know whether the receiver took it.
	if (isUndisturbed && arrived.length > first.length) witness.breach("an event is sent once", arrived.join(", "));
}

function dueOf(store: DataFolder["store"], { refuses }: World["receiver"]): string[] {
	return store
		.listEvents(0, 1000)
		.filter(({ event }) => event !== refuses)
		.map(({ deliveryId }) => deliveryId);
}
