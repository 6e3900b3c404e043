// Says when a process sends what waits: again and again while it lives, and once more before it ends.
import type { Engine } from "../engine.ts";
import { type DeliveryPorts, deliverEvents, releaseOutbox } from "./deliver.ts";

/** Looks into the outbox this often, also for what other processes recorded and did not send. */
const lookEveryMs = 5_000;
/** After a round in which something did not get through, and after each further one twice as long. */
const restMs = 60_000;
const longestRestMs = 900_000;
/** Before it ends, while another process is sending. */
const lookAgainMs = 200;
/** For what is under way to stop. */
const stopMs = 500;

type Ports = DeliveryPorts & Pick<Engine, "ids">;

/** Nothing waits for it, and nothing it does fails. */
export function keepDelivering(ports: Ports): Disposable {
	const { notify, clock, ids } = ports;
	if (!notify) return { [Symbol.dispose]: () => undefined };
	const owner = ids.next("run");
	const over = new AbortController();
	let isAtWork = false;
	let restsUntilMs = 0;
	let nextRestMs = restMs;
	const look = async () => {
		if (isAtWork || clock.monotonic() < restsUntilMs) return;
		isAtWork = true;
		const end = await deliverEvents(ports, owner, over.signal);
		restsUntilMs = end === "left" ? clock.monotonic() + nextRestMs : 0;
		nextRestMs = end === "left" ? Math.min(nextRestMs * 2, longestRestMs) : restMs;
		isAtWork = false;
	};
	void look();
	const timer = clock.every(lookEveryMs, () => void look());
	return {
		[Symbol.dispose]: () => {
			timer[Symbol.dispose]();
			over.abort();
			releaseOutbox(ports, owner);
		},
	};
}

/** Before a process ends: what waits is sent, by it or by the sender that is at work, or `ms` are over. */
export async function deliverWithin(ports: Ports, ms: number): Promise<void> {
	const { notify, clock, ids } = ports;
	if (!notify) return;
	const over = new AbortController();
	const done = new AbortController();
	const timeIsUp = clock.sleep(ms, done.signal).then(() => over.abort());
	const sent = sendOrWait(ports, ids.next("run"), over.signal);
	await Promise.race([sent, timeIsUp.then(() => clock.sleep(stopMs, done.signal))]);
	done.abort();
}

async function sendOrWait(ports: Ports, owner: string, signal: AbortSignal): Promise<void> {
	while ((await deliverEvents(ports, owner, signal)) === "busy" && !signal.aborted) await ports.clock.sleep(lookAgainMs, signal);
}
