// Declares what the engine needs of its database. Every method is one transaction; several processes share the file.
import type { Application, ApplicationConfig } from "../../model/application.ts";
import type {
	AutoRollback,
	Deployment,
	DeploymentFacts,
	DeploymentKind,
	DeploymentRequest,
	Outcome,
	Phase,
	RollbackPoint,
} from "../../model/deployment.ts";
import type { DeploymentsHold } from "../../model/deployments-hold.ts";
import type { EdgeRecord, EdgeSighting, Verdict } from "../../model/health.ts";
import type { Probation } from "../../model/probation.ts";
import type { ServiceSpec } from "../../model/service.ts";
import type { Outbox } from "./outbox.ts";

/** Who holds an application, for `deploy_in_progress`. */
export interface LockHolder {
	applicationId: string;
	deploymentId: string;
	requestedBy: string;
	since: string;
}

/**
 * One process's hold on an application. Every write of a run names it, and is refused once the lock is another's: a process that
 * stood still for too long must not write into what was settled meanwhile.
 */
export interface Hold {
	applicationId: string;
	/** Deployment (or reconcile) that the lock was taken for. A revert is written under the hold of the deploy that caused it. */
	deploymentId: string;
	/** Unique to one process's run. */
	owner: string;
}

export interface NewDeployment {
	deploymentId: string;
	applicationId: string;
	kind: DeploymentKind;
	request: DeploymentRequest;
	requestId?: string;
	reason?: string;
	requestedBy: string;
	facts: DeploymentFacts;
}

/** What was found live on the Swarm, and is taken over: a deployment that is over. */
export interface AdoptedDeployment {
	deploymentId: string;
	applicationId: string;
	requestedBy: string;
	reason: string;
	end: EndOfDeployment;
	/** Absent where its image cannot be gone back to. */
	point?: Omit<RollbackPoint, "createdAt" | "applicationId" | "deploymentId">;
}

export type Begun =
	| { state: "begun"; deployment: Deployment }
	/** The same `requestId` began this one before. */
	| { state: "known"; deployment: Deployment }
	| { state: "locked"; holder: LockHolder }
	/** Another deployment was begun since the caller looked: what it decided by is no longer so. */
	| { state: "overtaken" };

export interface EndOfDeployment {
	status: "done" | "error" | "cancelled";
	outcome: Outcome;
	verdict?: Verdict | null;
	facts?: DeploymentFacts;
	/** Why the point that this deployment made is not to be gone back to. The deployment's own point alone, never its target's. */
	givesUpOwnPoint?: string;
	/** What begins with the end: the release is live, and not yet trusted. For a worker to watch. */
	probation?: Probation;
}

/** What was on the service right before a swap, so that whoever goes on can put back exactly that. Holds env values: stored encrypted. */
export interface SwapJournal {
	/** Null: there was no service. */
	before: ServiceSpec | null;
	serviceId?: string;
	/** Swarm's version index that the update names. */
	version?: number;
	/** Of the update that Swarm showed before ours. */
	previousUpdateStartedAt?: string;
}

/** Thrown when the caller no longer holds the application's lock: it must stop at once and change nothing more. */
export class LockLost extends Error {
	override name = "LockLost";
}

export interface Store extends Outbox {
	/**
	 * All of `work`, which is synchronous, in one transaction, or none of it: what it reads here stays true until what it writes is
	 * written. Meanwhile nobody else writes.
	 */
	decide<T>(work: () => T): T;

	listApplications(): Application[];
	findApplication(applicationId: string): Application | undefined;
	findApplicationByRepo(repoUrl: string): Application | undefined;
	/**
	 * Registers with the first free slug, applied config included.
	 * @param repository hash that it is known by, where that is of another spelling of the address
	 */
	registerApplication(
		repoUrl: string,
		slugs: Iterable<string>,
		config: ApplicationConfig,
		configCommit: string,
		repository?: string,
	): Application;
	updateConfig(applicationId: string, config: ApplicationConfig, configCommit: string): void;

	/** Takes the application for `hold` unless somebody else has it, who is then returned. */
	acquireLock(hold: Hold, requestedBy: string, leaseMs: number): LockHolder | undefined;
	/** Renews the lease, and makes an unkept lock this owner's. @throws LockLost when it is another deployment's or owner's, or has run out */
	renewLock(hold: Hold, leaseMs: number): void;
	releaseLock(hold: Hold): void;
	/** Leaves the lock to the next process that renews it: a worker about to start. @throws LockLost */
	handOver(hold: Hold, leaseMs: number): void;
	/** Who holds the application now; a lease that ran out holds nothing. */
	lockHolder(applicationId: string): LockHolder | undefined;
	/** Takes over the expired lease of a running deployment. False when it is not expired or somebody else was faster. */
	takeOverExpired(hold: Hold, leaseMs: number): boolean;
	/** Running deployments whose lease expired: their worker died. */
	listAbandoned(): Deployment[];

	/**
	 * Takes the lock and records the deployment, both or neither; the lock is then for the worker to keep.
	 * @param newestSeen `sequence` of the newest deployment of the application that the caller knew when it decided; 0 for none
	 */
	beginDeployment(deployment: NewDeployment, newestSeen: number, leaseMs: number): Begun;
	/** Records it as the newest deployment, with its rollback point, both or neither. */
	recordAdopted(adopted: AdoptedDeployment): void;
	/** Records a revert, and in the deploy that it is for, both or neither. @throws LockLost */
	beginRevert(hold: Hold, revert: NewDeployment, autoRollback: AutoRollback): Deployment;
	findDeployment(deploymentId: string): Deployment | undefined;
	/** The one that goes on, also where its worker died and nobody has settled it. A deploy that is being reverted is one, and its revert none. */
	findInProgress(applicationId: string): Deployment | undefined;
	findByRequestId(applicationId: string, requestId: string): Deployment | undefined;
	/** Newest first, `beforeSequence` exclusive. */
	listDeployments(applicationId: string, limit: number, beforeSequence?: number): Deployment[];
	/**
	 * Of the deployments before that one, those that came to something, newest first: rollbacks, reverts and adoptions, and deploys that put
	 * something on the service, may have, or found it unhealthy. Not the deploys that were refused, failed before, or found nothing to do.
	 */
	listTelling(applicationId: string, limit: number, beforeSequence: number): Deployment[];
	/** The deployment that was seen last to put a release on the service, or to take up the one that runs there. */
	findLastPut(applicationId: string): Deployment | undefined;
	/** Merges facts; a fact that is given replaces the earlier one. @throws LockLost */
	recordFacts(hold: Hold, deploymentId: string, facts: DeploymentFacts): void;
	/** @throws LockLost */
	recordStep(hold: Hold, deploymentId: string, step: string): void;
	/** Nothing changes where it is in that phase already. @throws LockLost */
	enterPhase(hold: Hold, deploymentId: string, phase: Phase): void;
	/** Enters `release`, the point of no return, with what is known then. False when a cancel was asked for first. @throws LockLost */
	enterRelease(hold: Hold, deploymentId: string, facts: DeploymentFacts): boolean;
	/** Writes down what is about to be replaced, right before the change. @throws LockLost */
	journalSwap(hold: Hold, deploymentId: string, journal: SwapJournal): void;
	/** Of the newest swap alone. */
	readSwapJournal(deploymentId: string): SwapJournal | undefined;
	/** Ends deployments, all or none, with an event for each, and gives the lock back with the one that it is for. @throws LockLost */
	finishDeployments(hold: Hold, ends: { deploymentId: string; end: EndOfDeployment }[]): void;
	/** A deployment that was recorded as not live, and is: it is running again, past the swap, for a worker to go on with. False when the application is held. */
	reopenDeployment(deploymentId: string, leaseMs: number): boolean;
	/**
	 * A deployment that is over, and whose release is not trusted any more: it is running again, in its health phase and with these facts,
	 * for a worker to take back. False when the application is held.
	 */
	reopenToTakeBack(deploymentId: string, facts: DeploymentFacts, leaseMs: number): boolean;
	/** False when it is past the point of no return or over. */
	requestCancel(deploymentId: string, by: string, reason: string | undefined): boolean;

	/** What is kept of a release that is or was on probation. */
	findProbation(deploymentId: string): Probation | undefined;
	/** Of an application, those in which something may still be taken back. */
	listOpenProbations(applicationId: string): Probation[];
	/** Open ones that nobody watches, though their deployments are over: their worker died or never came up. */
	listUnwatchedProbations(): Probation[];
	/** Replaces a record that is there. */
	saveProbation(probation: Probation): void;
	/** Takes the watch that nobody keeps, or keeps it. False when it is another's, or nothing is left to watch. */
	keepWatch(deploymentId: string, watcher: string, leaseMs: number): boolean;
	/** Leaves a watch that ran out to the next who takes it, a worker about to start. True for exactly one of several callers. */
	offerWatch(deploymentId: string, leaseMs: number): boolean;

	/** @throws LockLost */
	createRollbackPoint(hold: Hold, point: Omit<RollbackPoint, "createdAt">): void;
	findRollbackPoint(rollbackId: string): RollbackPoint | undefined;
	/**
	 * Newest first: those of the newest `historyDepth` deployments and of as many that came to something, and usable ones however old; of an image
	 * that was deployed very often some stand for all.
	 */
	listRollbackPoints(applicationId: string): RollbackPoint[];
	/** For reasons that lie in the image or in retention, whoever finds them. */
	markUnusable(rollbackId: string, because: string): void;

	/** What is remembered of the application's edges: one record per url, of its configured domains alone. */
	listEdges(applicationId: string): EdgeRecord[];
	/**
	 * Remembers what a deployment's gate saw just now. Of another path than before nothing is known yet, but that the edge was reached.
	 * @throws LockLost
	 */
	recordEdges(hold: Hold, deploymentId: string, sightings: EdgeSighting[]): void;

	/** A person's hold on deploys; undefined where there is none. */
	holdOnDeployments(applicationId: string): DeploymentsHold | undefined;
	/** Holding what is held changes its reason alone, where one is given. */
	holdDeployments(applicationId: string, by: string, reason: string | undefined): void;
	/** Returns the hold that was there. */
	liftHold(applicationId: string): DeploymentsHold | undefined;

	/** Decrypted values by name. */
	readEnv(applicationId: string): Record<string, string>;
	listEnvNames(applicationId: string): string[];
	/** Keyed digest of each value by name: tells that a value changed without telling it. */
	digestEnv(values: Record<string, string>): Record<string, string>;
	/** All or nothing. Returns what changed. @throws invalid_input where the application would have too many variables, or too large ones */
	changeEnv(applicationId: string, change: EnvChange): { set: string[]; unset: string[]; unchanged: string[] };
}

export interface EnvChange {
	set: Record<string, string>;
	unset: string[];
	/** Names that are not in `set` are removed too. */
	replace: boolean;
}
