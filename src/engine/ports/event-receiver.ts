// States what the engine needs of whoever is told of events.
import type { DeploymentEvent } from "../../model/event.ts";

export interface EventMessage extends Omit<DeploymentEvent, "event"> {
	/** `trial` is the doctor's. */
	event: DeploymentEvent["event"] | "trial";
	/** All of it in a message that a chat can show as it is. */
	text: string;
}

/**
 * `because`: our own words, without the receiver's address, which may be a secret. `refused`: it answers, and will not have this
 * one; otherwise nothing is said of any other.
 */
export type Posted = { taken: true } | { taken: false; because: string; refused?: true };

export interface EventReceiver {
	/** One try, of bounded time. Never throws. Follows no redirect, and keeps nothing of the answer but its status. */
	post(message: EventMessage, signal: AbortSignal): Promise<Posted>;
}
