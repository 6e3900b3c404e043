// Keeps what was on a service right before a swap, encrypted, for it holds env values. One per application: that of the newest swap.
import type { Hold, SwapJournal } from "../../engine/ports/store.ts";
import type { Database } from "./database.ts";
import { ensureHeld } from "./locks.ts";
import type { Sealer } from "./sealed-value.ts";

export function journalSwap(database: Database, sealer: Sealer, hold: Hold, deploymentId: string, journal: SwapJournal): void {
	database.transaction(() => {
		ensureHeld(database, hold);
		const sealed = sealer.seal(JSON.stringify(journal), contextOf(deploymentId));
		database.run("INSERT OR REPLACE INTO swap_journals VALUES (?, ?, ?)", hold.applicationId, deploymentId, sealed);
	});
}

export function readSwapJournal(database: Database, sealer: Sealer, deploymentId: string): SwapJournal | undefined {
	const row = database.get("SELECT sealed FROM swap_journals WHERE deployment_id = ?", deploymentId);
	return row && (JSON.parse(sealer.open(row.sealed as Uint8Array, contextOf(deploymentId))) as SwapJournal);
}

function contextOf(deploymentId: string): string {
	return `swap journal of ${deploymentId}`;
}
