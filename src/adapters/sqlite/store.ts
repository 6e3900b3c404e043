// Implements the Store port over SQLite: binds the tables' functions to one database.
import type { Clock } from "../../engine/ports/clock.ts";
import type { Store } from "../../engine/ports/store.ts";
import * as applications from "./applications.ts";
import { Database } from "./database.ts";
import * as deployments from "./deployments.ts";
import * as holds from "./deployments-holds.ts";
import * as edges from "./edges.ts";
import * as env from "./env-vars.ts";
import * as events from "./events.ts";
import * as locks from "./locks.ts";
import * as probations from "./probations.ts";
import * as points from "./rollback-points.ts";
import { Sealer } from "./sealed-value.ts";
import * as journals from "./swap-journals.ts";

export interface SqliteStore extends Store {
	/** Tells `onSecret` every value of every application that it was not told yet. Returns how many cannot be decrypted. */
	tellEnvValues(): number;
	close(): void;
}

/**
 * @param onSecret told every env value that is read or written, so that it can be masked wherever it turns up
 * @param onKey told the key that values are sealed with, for the same reason
 * @throws internal when the database is of a newer deploymill; it is left untouched
 */
export function openStore(
	databaseFile: string,
	keyFile: string,
	onSecret: (value: string) => void,
	clock: Clock,
	onKey?: (key: Buffer) => void,
): SqliteStore {
	const database = new Database(databaseFile, clock);
	const sealer = new Sealer(keyFile, onKey);
	let told: ReadonlySet<string> = new Set();
	const readEnv = (applicationId: string) => {
		const values = env.readEnv(database, sealer, applicationId);
		Object.values(values).forEach(onSecret);
		return values;
	};
	const bind =
		<Args extends unknown[], Result>(method: (database: Database, ...args: Args) => Result) =>
		(...args: Args): Result =>
			method(database, ...args);
	return {
		decide: (work) => database.transaction(work),
		listApplications: bind(applications.listApplications),
		findApplication: bind(applications.findApplication),
		findApplicationByRepo: bind(applications.findApplicationByRepo),
		registerApplication: bind(applications.registerApplication),
		updateConfig: bind(applications.updateConfig),
		acquireLock: bind(locks.acquireLock),
		renewLock: bind(locks.renewLock),
		releaseLock: bind(locks.releaseLock),
		handOver: bind(locks.handOver),
		lockHolder: bind(locks.lockHolder),
		takeOverExpired: bind(locks.takeOverExpired),
		listAbandoned: bind(deployments.listAbandoned),
		beginDeployment: bind(deployments.beginDeployment),
		recordAdopted: bind(deployments.recordAdopted),
		beginRevert: bind(deployments.beginRevert),
		findDeployment: bind(deployments.findDeployment),
		findInProgress: bind(deployments.findInProgress),
		findByRequestId: bind(deployments.findByRequestId),
		listDeployments: bind(deployments.listDeployments),
		listTelling: bind(deployments.listTelling),
		findLastPut: bind(deployments.findLastPut),
		recordFacts: bind(deployments.recordFacts),
		recordStep: bind(deployments.recordStep),
		enterPhase: bind(deployments.enterPhase),
		enterRelease: bind(deployments.enterRelease),
		journalSwap: (hold, deploymentId, journal) => journals.journalSwap(database, sealer, hold, deploymentId, journal),
		readSwapJournal: (deploymentId) => journals.readSwapJournal(database, sealer, deploymentId),
		finishDeployments: bind(deployments.finishDeployments),
		reopenDeployment: bind(deployments.reopenDeployment),
		reopenToTakeBack: bind(deployments.reopenToTakeBack),
		requestCancel: bind(deployments.requestCancel),
		findProbation: bind(probations.findProbation),
		listOpenProbations: bind(probations.listOpenProbations),
		listUnwatchedProbations: bind(probations.listUnwatchedProbations),
		saveProbation: bind(probations.saveProbation),
		keepWatch: bind(probations.keepWatch),
		offerWatch: bind(probations.offerWatch),
		createRollbackPoint: bind(points.createRollbackPoint),
		findRollbackPoint: bind(points.findRollbackPoint),
		listRollbackPoints: bind(points.listRollbackPoints),
		markUnusable: bind(points.markUnusable),
		listEdges: bind(edges.listEdges),
		recordEdges: bind(edges.recordEdges),
		holdOnDeployments: bind(holds.holdOnDeployments),
		holdDeployments: bind(holds.holdDeployments),
		liftHold: bind(holds.liftHold),
		recordEvent: bind(deployments.recordEvent),
		listEvents: bind(events.listEvents),
		newestEvent: bind(events.newestEvent),
		expectReceiver: bind(events.expectReceiver),
		countWaiting: bind(events.countWaiting),
		claimEvent: bind(events.claimEvent),
		markSent: bind(events.markSent),
		releaseOutbox: bind(events.releaseOutbox),
		readEnv,
		listEnvNames: bind(env.listEnvNames),
		changeEnv: (applicationId, change) => {
			Object.values(change.set).forEach(onSecret);
			return env.changeEnv(database, sealer, applicationId, change);
		},
		digestEnv: (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, sealer.digest(value, name)])),
		tellEnvValues: () => {
			const outcome = env.tellEnvValues(database, sealer, told, onSecret);
			told = outcome.told;
			return outcome.unreadable;
		},
		close: () => database.close(),
	};
}
