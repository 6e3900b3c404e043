// Owns what the engine needs of its memory (SQLite). Every method is one transaction; several processes share the file.
import type { Application, ApplicationConfig } from "../../model/application.ts";
import type {
	Deployment,
	DeploymentFacts,
	DeploymentKind,
	DeploymentRequest,
	Outcome,
	Phase,
	RollbackPoint,
} from "../../model/deployment.ts";
import type { Verdict } from "../../model/health.ts";

/** Who holds an application, for `deploy_in_progress`. */
export interface LockHolder {
	applicationId: string;
	deploymentId: string;
	requestedBy: string;
	since: string;
	expiresAt: string;
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

export interface EndOfDeployment {
	status: "done" | "error" | "cancelled";
	outcome: Outcome;
	verdict?: Verdict | null;
	facts?: DeploymentFacts;
}

/** Thrown when the caller no longer holds the application's lock: it must stop at once and change nothing more. */
export class LockLost extends Error {
	override name = "LockLost";
}

export interface Store {
	listApplications(): Application[];
	findApplication(applicationId: string): Application | undefined;
	findApplicationByRepo(repoUrl: string): Application | undefined;
	/** Registers with the first free slug that `accept` allows, applied config included. */
	registerApplication(repoUrl: string, slugs: Iterable<string>, config: ApplicationConfig, configCommit: string): Application;
	updateConfig(applicationId: string, config: ApplicationConfig, configCommit: string): void;

	/** Takes the lock for `deploymentId` unless another live holder has it, who is then returned. */
	acquireLock(applicationId: string, deploymentId: string, requestedBy: string, leaseMs: number): LockHolder | undefined;
	/** Makes `owner` (one per process) the lock's keeper and renews it. @throws LockLost when it is another deployment's or owner's */
	renewLock(applicationId: string, deploymentId: string, owner: string, leaseMs: number): void;
	releaseLock(applicationId: string, deploymentId: string): void;
	lockHolder(applicationId: string): LockHolder | undefined;
	/** Takes over the expired lease of a running deployment, for whoever renews it next. False when it is not expired or somebody else was faster. */
	takeOverExpired(applicationId: string, deploymentId: string, leaseMs: number): boolean;
	/** Running deployments whose lease expired: their worker died. */
	listAbandoned(): Deployment[];

	/** @throws LockLost unless `deploymentId` (or, for auto_rollback, `heldBy`) holds the application's lock */
	createDeployment(deployment: NewDeployment, heldBy?: string): Deployment;
	findDeployment(deploymentId: string): Deployment | undefined;
	findByRequestId(applicationId: string, requestId: string): Deployment | undefined;
	/** Newest first, `beforeSequence` exclusive. */
	listDeployments(applicationId: string, limit: number, beforeSequence?: number): Deployment[];
	/** Merges facts; a fact that is given replaces the earlier one. */
	recordFacts(deploymentId: string, facts: DeploymentFacts): void;
	recordStep(deploymentId: string, step: string): void;
	enterPhase(deploymentId: string, phase: Phase): void;
	/** Enters `release`, the point of no return. False when a cancel was asked for first. @throws LockLost when it is over already */
	enterRelease(deploymentId: string): boolean;
	/** Also gives back the lock, if it holds it: whoever sees the end may start the next one. */
	finishDeployment(deploymentId: string, end: EndOfDeployment): void;
	/** False when it is past the point of no return or over. */
	requestCancel(deploymentId: string, by: string, reason: string | undefined): boolean;

	createRollbackPoint(point: Omit<RollbackPoint, "createdAt">): void;
	findRollbackPoint(rollbackId: string): RollbackPoint | undefined;
	listRollbackPoints(applicationId: string): RollbackPoint[];
	markUnusable(rollbackId: string, because: string): void;

	/** Decrypted values by name. */
	readEnv(applicationId: string): Record<string, string>;
	listEnvNames(applicationId: string): string[];
	/** Keyed digest of each value by name: tells that a value changed without telling it. */
	digestEnv(applicationId: string): Record<string, string>;
	/** All or nothing. Returns what changed. */
	changeEnv(applicationId: string, change: EnvChange): { set: string[]; unset: string[]; unchanged: string[] };
}

export interface EnvChange {
	set: Record<string, string>;
	unset: string[];
	/** Names that are not in `set` are removed too. */
	replace: boolean;
}
