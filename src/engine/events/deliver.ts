// Sends the events that wait, in their order, one sender at a time; what does not get through is left to whoever tries next.
import { errorMessage } from "../../errors.ts";
import type { Engine, Notify } from "../engine.ts";
import { waitOut } from "../patience.ts";
import type { Posted } from "../ports/event-receiver.ts";
import type { RecordedEvent } from "../ports/outbox.ts";
import { messageOf } from "./message.ts";

/** Covers the three tries of one event (a post ends within 10 s) with their pauses. A sender that died is noticed after it. */
const claimMs = 45_000;
/** Before each of the tries. */
const pausesMs = [0, 1_000, 4_000];
/** One that is refused holds no others up. After so many in a row it is the address that is wrong, and not what is sent. */
const mostRefused = 5;

export type DeliveryPorts = Pick<Engine, "store" | "notify" | "clock" | "untrusted" | "log">;

/** `busy`: another sender is at work; `left`: something waits still, for the next one to try. */
export type RoundEnd = "all sent" | "busy" | "left";

/**
 * At least once: a sender that dies between the receiver's answer and its own note of it leaves the event to be sent again. Never
 * throws.
 * @param owner unique to this sender
 */
export async function deliverEvents(ports: DeliveryPorts, owner: string, signal: AbortSignal): Promise<RoundEnd> {
	const { store, notify, log } = ports;
	try {
		// Nothing is written where nothing waits.
		if (!notify || store.countWaiting() === 0) return "all sent";
		await notify.learnSecrets();
		using _claims = { [Symbol.dispose]: () => releaseOutbox(ports, owner) };
		return await sendAll(ports, notify, owner, signal);
	} catch (error) {
		log.warn({ error: errorMessage(error) }, "events could not be sent now");
		return "left";
	}
}

async function sendAll(ports: DeliveryPorts, notify: Notify, owner: string, signal: AbortSignal): Promise<RoundEnd> {
	let after = 0;
	let refused = 0;
	while (refused < mostRefused) {
		const claim = ports.store.claimEvent({ owner, wants: notify.wants, after }, claimMs);
		if (claim.state !== "claimed") return endOf(claim.state, after);
		const posted = await sendOne(ports, notify, claim.event, signal);
		if (posted.taken) {
			refused = 0;
			continue;
		}
		// Behind one that did not get through, others wait for their turn.
		if (!posted.refused) break;
		refused++;
		after = claim.event.sequence;
	}
	return "left";
}

function endOf(state: "busy" | "none", after: number): RoundEnd {
	if (state === "busy") return "busy";
	return after === 0 ? "all sent" : "left";
}

async function sendOne(ports: DeliveryPorts, { receiver }: Notify, event: RecordedEvent, signal: AbortSignal): Promise<Posted> {
	const { clock, untrusted, log } = ports;
	const { sequence, ...told } = event;
	let posted: Posted = { taken: false, because: "it was called off" };
	for (const pauseMs of pausesMs) {
		if (pauseMs > 0) await clock.sleep(pauseMs, signal);
		if (signal.aborted) break;
		posted = await receiver.post(messageOf(told, untrusted), signal);
		if (posted.taken) {
			await markSent(ports, event);
			break;
		}
		log.warn({ deliveryId: event.deliveryId, because: posted.because }, "an event did not get through");
	}
	return posted;
}

/** Not for the caller's signal to end: what was sent and is not marked is sent again. */
function markSent({ store, clock, log }: DeliveryPorts, { deliveryId }: RecordedEvent): Promise<void> {
	const onFault = (error: unknown) => log.warn({ deliveryId, error: errorMessage(error) }, "an event was sent, and cannot be marked yet");
	return waitOut({ clock, signal: new AbortController().signal, onFault }, () => store.markSent(deliveryId));
}

/** Where that fails, the claim runs out. */
export function releaseOutbox({ store, log }: DeliveryPorts, owner: string): void {
	try {
		store.releaseOutbox(owner);
	} catch (error) {
		log.warn({ error: errorMessage(error) }, "the outbox was not released");
	}
}
