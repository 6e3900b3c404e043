// Keeps the outbox: events as they were recorded, which of them wait to be sent, and who is sending.
import type { ClaimedEvent, EventClaim, RecordedEvent } from "../../engine/ports/outbox.ts";
import { type DeploymentEvent, isWanted } from "../../model/event.ts";
import type { Database, Row } from "./database.ts";

const mostKept = 1000;
/** A message that is older tells nobody anything. Wide, because it goes by the wall clock, which may jump. */
const longestWaitMs = 7 * 86_400_000;

/** Within the transaction that writes what it tells of. One that is recorded already stays as it is. */
export function insertEvent(database: Database, event: DeploymentEvent): void {
	database.run(
		`INSERT INTO events (delivery_id, event, waits) VALUES (?, ?, (SELECT count(*) FROM event_sender))
		ON CONFLICT (delivery_id) DO NOTHING`,
		event.deliveryId,
		JSON.stringify(event),
	);
	database.run("DELETE FROM events WHERE sequence <= (SELECT max(sequence) FROM events) - ?", mostKept);
}

/** A deployment that was taken up again may end as it did before: that is another event. */
export function insertEnd(database: Database, event: DeploymentEvent): void {
	const row = database.get(
		"SELECT count(*) AS times FROM events WHERE event ->> 'deploymentId' = ? AND event ->> 'event' = ?",
		event.deploymentId,
		event.event,
	);
	const before = Number(row?.times);
	insertEvent(database, before === 0 ? event : { ...event, deliveryId: `${event.deliveryId}:${before + 1}` });
}

export function listEvents(database: Database, afterSequence: number, limit: number): RecordedEvent[] {
	return database.all("SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?", afterSequence, limit).map(toEvent);
}

export function newestEvent(database: Database): number {
	return Number(database.get("SELECT coalesce(max(sequence), 0) AS newest FROM events")?.newest);
}

export function expectReceiver(database: Database): void {
	if (!senderRow(database)) database.run("INSERT OR IGNORE INTO event_sender VALUES (1, NULL, 0)");
}

export function countWaiting(database: Database): number {
	return Number(database.get("SELECT count(*) AS waiting FROM events WHERE waits = 1")?.waiting);
}

export function claimEvent(database: Database, { owner, wants, after }: EventClaim, leaseMs: number): ClaimedEvent {
	return database.transaction(() => {
		if (isClaimedByOther(database, owner, leaseMs)) return { state: "busy" };
		passOver(database, (event) => !isWanted(event, wants) || isTooOld(database, event));
		const row = database.get("SELECT * FROM events WHERE waits = 1 AND sequence > ? ORDER BY sequence LIMIT 1", after);
		if (!row) {
			// In the transaction that found nothing: who adds one after it finds nobody in the way.
			releaseOutbox(database, owner);
			return { state: "none" };
		}
		const expiresAt = database.clock.monotonic() + leaseMs;
		database.run("INSERT OR REPLACE INTO event_sender VALUES (1, ?, ?)", owner, expiresAt);
		return { state: "claimed", event: toEvent(row) };
	});
}

export function markSent(database: Database, deliveryId: string): void {
	database.run("UPDATE events SET waits = 0 WHERE delivery_id = ?", deliveryId);
}

export function releaseOutbox(database: Database, owner: string): void {
	database.run("UPDATE event_sender SET owner = NULL WHERE owner = ?", owner);
}

/** In the machine's monotonic time, as locks are: a lease that seems longer than any was made before the machine was started again. */
function isClaimedByOther(database: Database, owner: string, leaseMs: number): boolean {
	const row = senderRow(database);
	if (!row || row.owner === null || row.owner === owner) return false;
	const leftMs = Number(row.expires_at) - database.clock.monotonic();
	return leftMs > 0 && leftMs <= leaseMs;
}

function passOver(database: Database, isMoot: (event: RecordedEvent) => boolean): void {
	for (const row of database.all("SELECT * FROM events WHERE waits = 1")) {
		const event = toEvent(row);
		if (isMoot(event)) markSent(database, event.deliveryId);
	}
}

function isTooOld(database: Database, { at }: DeploymentEvent): boolean {
	return database.clock.now() - Date.parse(at) > longestWaitMs;
}

function senderRow(database: Database): Row | undefined {
	return database.get("SELECT * FROM event_sender");
}

function toEvent(row: Row): RecordedEvent {
	return { ...(JSON.parse(String(row.event)) as DeploymentEvent), sequence: Number(row.sequence) };
}
