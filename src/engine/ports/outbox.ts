// States what the engine needs of the outbox: events that wait to be sent, in the same file as what they tell of.
import type { DeploymentEvent, EventFilter, EventName } from "../../model/event.ts";

export interface RecordedEvent extends DeploymentEvent {
	/** Order of all events of the data folder. */
	sequence: number;
}

export type ClaimedEvent =
	| { state: "claimed"; event: RecordedEvent }
	/** Another sender is at work, and takes what is added meanwhile. */
	| { state: "busy" }
	| { state: "none" };

export interface EventClaim {
	/** Unique to one sender. */
	owner: string;
	/** What is not wanted is passed over for good. */
	wants: EventFilter;
	/** `sequence` of an event that was tried and did not get through: later ones alone. 0 for the oldest. */
	after: number;
}

/** Events are kept in the order in which they were recorded, the newest thousand of them. */
export interface Outbox {
	/**
	 * Records what the deployment's record says now, once for each deployment and event. To be called within `decide`, together with
	 * the write that it tells of. The ends of deployments are recorded by `finishDeployments` itself, each as one of its own.
	 */
	recordEvent(deploymentId: string, event: EventName, note?: string): void;
	/** Oldest first. */
	listEvents(afterSequence: number, limit: number): RecordedEvent[];
	/** Of the newest one; 0 for none. */
	newestEvent(): number;

	/** From the first such call on, events wait to be sent. What was recorded before is history, and nobody is told of it. */
	expectReceiver(): void;
	/** How many wait to be sent, wanted or not. */
	countWaiting(): number;
	/**
	 * The oldest event that waits. While a sender has it, nobody else gets any: so they arrive in order, and none is sent by two at
	 * once. A sender that says nothing for `leaseMs` is taken for dead.
	 */
	claimEvent(claim: EventClaim, leaseMs: number): ClaimedEvent;
	markSent(deliveryId: string): void;
	/** Lets the next sender at what waits. */
	releaseOutbox(owner: string): void;
}
