// Describes the record of one run of the pipeline, as it is stored and shown.
import type { ErrorBody } from "../errors.ts";
import type { Baseline, Health, Verdict } from "./health.ts";
import type { Bake, Confirmation } from "./probation.ts";

/** `adopted`: found live on the Swarm, and put there by somebody else. */
export type DeploymentKind = "deploy" | "rollback" | "auto_rollback" | "adopted";
export type DeploymentStatus = "running" | "done" | "error" | "cancelled";

export const phases = ["queued", "checkout", "build", "push", "release", "health", "auto_rollback", "finished"] as const;
export type Phase = (typeof phases)[number];

/**
 * Past the point of no return: what Swarm runs may be this deployment's, whatever became of its worker. The phase `health`
 * alone does not tell: an unchanged deploy has it too.
 */
export function isPastSwap({ phase, phases }: Pick<Deployment, "phase" | "phases">): boolean {
	return phase === "release" || phases.some((past) => past.phase === "release");
}

export type Outcome =
	| "live"
	| "live_unhealthy"
	| "unchanged"
	| "rolled_back"
	| "degraded"
	| "orchestrator_rolled_back"
	| "failed"
	| "cancelled"
	| "interrupted";

export interface Commit {
	sha: string;
	message: string;
	author: string;
}

/** The image that a deployment puts live. */
export interface ReleaseImage {
	/** What the service is given: `repository@sha256:…`, or `sha256:…` for an image that only its builder has. */
	reference: string;
	/** `sha256:…`: of the manifest when pushed, of the image's configuration when not. */
	digest: string;
	/** Swarm node the image is tied to, because it was not pushed. */
	nodeId?: string;
}

export interface AutoRollback {
	attempted: boolean;
	toLastHealthy?: boolean;
	recovered?: boolean;
	reason?: "no_rollback_point" | "partial_outage" | "inconclusive" | "swap_failed" | "not_confirmed";
	/** It was due after the gate. */
	during?: "bake";
	rollbackId?: string;
	/** Of the `auto_rollback` deployment this one caused. */
	deploymentId?: string;
	health?: Health;
	/** Schema changes between the two releases, which an image swap does not take back. */
	migrations?: MigrationGap;
	/** Absent where nothing was recorded of how the target was put live. */
	changedSince?: ChangedSince;
}

/** What beside the image is another one than when a release was live, and stays so when its image is put back. */
export interface ChangedSince {
	/** Names of env vars that were added, removed or given another value. */
	env: string[];
	/** Fields of the configuration. */
	config: string[];
}

/** What Swarm itself did and the last words of tasks that failed. */
export interface OrchestratorReport {
	/** Swarm's own update state at the end, e.g. `completed`, `rollback_completed`. */
	updateState?: string;
	message?: string;
	failedTasks?: FailedTask[];
}

export interface FailedTask {
	taskId: string;
	node: string;
	state: string;
	exitCode?: number;
	error?: string;
	/** Its container health check failed: Swarm stopped it for that, whatever its exit code. */
	unhealthy?: true;
	/** Untrusted: last output of the container's health check, fenced. */
	healthLog?: string;
	/** Untrusted: last lines of stdout and stderr, fenced. */
	output?: string;
}

/** What a task of an unhealthy release printed last. */
export interface LastLines {
	taskId: string;
	node: string;
	/** Untrusted: stdout and stderr, fenced. */
	output: string;
}

/** Somebody else changed the service or removed it while a release was judged: what they made of it stays. */
export interface TakenOver {
	/** All its tasks ran before: nothing is said against its image. */
	cameUp: boolean;
}

/** Migration files that are in one release and not in the other; folders (`db/migrate/`, `/`) where a release has very many files. `known` is false where a release's files were not recorded. */
export interface MigrationGap {
	files: string[];
	/** How many there are, where not all are shown. */
	total?: number;
	known: boolean;
}

/** What a rollback, or the revert after a bad deploy, goes back to. */
export interface RollbackTarget {
	deploymentId: string;
	rollbackId: string;
	commit?: Commit;
}

/** What was found on the Swarm in place of what deploymill had last put there. */
export interface Mismatch {
	/**
	 * `image`: one that deploymill did not put there; `unstamped`: the right one, without our labels; `put_back`: an earlier release,
	 * by hand; `unknown_release`: another data folder's; `not_ours`: a service that is not marked as the application's; `tasks`: the
	 * service is right, and other tasks run.
	 */
	kind: "image" | "unstamped" | "put_back" | "unknown_release" | "not_ours" | "scaled_to_zero" | "gone" | "tasks";
	/** Reference of the image that is there instead. Untrusted: one clean line of bounded length. */
	image?: string;
	/** ISO 8601. */
	since?: string;
	/** Where it is only known that it was so by then. */
	sinceAtLatest?: string;
	/** The release stamped on it. */
	deploymentId?: string;
	/** What deploymill last put there; absent: nothing yet. */
	expected?: string;
	/** How many of the running tasks run it. */
	tasks?: { running: number; of: number };
}

/** What others set on a service beside its image, in names. */
export interface OthersSettings {
	/** Kept. */
	env: string[];
	hosts: string[];
	volumes: string[];
	replicas?: number;
	/** Env vars: kept on the service alone, since an application cannot have that many. */
	notHeld?: true;
	/** Env vars that were set here and by others since: that of here goes on. */
	overruled: string[];
	/** Env vars that others took off, and that are put there again. */
	restored: string[];
}

/** What was asked for; kept so that the worker process can do it. */
export interface DeploymentRequest {
	ref?: string;
	noCache?: boolean;
	force?: boolean;
	expectedCurrent?: string;
	allowMigrations?: boolean;
	/** Of a rollback: deploys are held from its start on. */
	hold?: boolean;
	/** Of a deploy: in so many seconds it must be confirmed, or it is taken back. */
	confirmWithin?: number;
}

/** What the pipeline finds out as it goes. Every field is absent until it is known. */
export interface DeploymentFacts {
	ref?: string;
	commit?: Commit;
	image?: ReleaseImage;
	rollbackId?: string;
	rolledOver?: boolean;
	/** Grows with every end that found a release there: what was put there last has the largest. By no clock. */
	putOrder?: number;
	rolloverNote?: string;
	health?: Health;
	/** Of the release that `health` finds unhealthy. */
	lastLines?: LastLines[];
	autoRollback?: AutoRollback;
	autoRollbackNote?: string;
	/** Of an `auto_rollback`: the deployment that caused it. */
	causedBy?: string;
	orchestrator?: OrchestratorReport;
	target?: RollbackTarget;
	error?: ErrorBody;
	/** Decided and not yet carried out: the release did not come up, and what ran before is being put back. */
	undoing?: { outcome: "orchestrator_rolled_back" | "failed"; error: ErrorBody; takenOver?: TakenOver };
	/** Schema migration files in the deployed commit, for the gap check of a later rollback; see `recordMigrations`. */
	migrationFiles?: string[];
	/** Probe results from before the swap; needed when another process resumes at the gate. */
	baseline?: Baseline;
	/** Hash over everything that is put on the service but the release stamp: equal means nothing to swap. */
	fingerprint?: string;
	/** Which programs that can ask a health endpoint are in the image; decides the orchestrator gate's command. */
	probePrograms?: string[];
	/** The container's own check as it was put on the service: the program that was chosen, or why there is none. Absent without a `health` block. */
	orchestratorGate?: { on: boolean; program?: string; because?: string };
	/** Names (never values) of env vars with a digest of each value as put on the service: `changedSince` compares them. */
	envDigests?: Record<string, string>;
	/** The same of the configuration's fields. */
	configDigests?: Record<string, string>;
	/** Deployment id of the release that was live before the swap. */
	replaced?: string;
	/** Id of the release that was live when the call was checked; null: none was. */
	begunOver?: string | null;
	/** What others had set on the service before the swap. */
	others?: OthersSettings;
	/** What stood in place of what deploymill had last put there, when this deployment began or swapped. */
	mismatch?: Mismatch | undefined;
	/** Of an `unchanged` one: the deployment whose release runs on. */
	runsOn?: string;
	/** Why it was taken up again after its end: its release is not trusted any more. */
	distrusted?: { because: "bake"; tasksEnded: boolean } | { because: "not_confirmed" };
	/** How many workers came after one that died past the swap. */
	resumes?: number;
	warnings?: string[];
}

export interface Deployment extends DeploymentFacts {
	deploymentId: string;
	applicationId: string;
	/** Order of history: grows with every deployment of the data folder. */
	sequence: number;
	kind: DeploymentKind;
	status: DeploymentStatus;
	phase: Phase;
	outcome?: Outcome;
	/** Recorded when judged; null until then, and for ever for what is never judged. */
	verdict: Verdict | null;
	/** Running step in words, e.g. `[3/5] RUN npm ci`. Untrusted when it comes from a build. */
	step?: string;
	request: DeploymentRequest;
	requestId?: string;
	reason?: string;
	requestedBy: string;
	startedAt: string;
	finishedAt?: string;
	phases: { phase: Phase; durationMs: number }[];
	/** When the current phase began. */
	phaseStartedAt: string;
	bake?: Bake;
	confirm?: Confirmation;
	cancelRequested?: { by: string; reason?: string; at: string };
}

/** A pushed image that can be gone back to. */
export interface RollbackPoint {
	rollbackId: string;
	applicationId: string;
	/** The deployment that captured it. */
	deploymentId: string;
	image: ReleaseImage;
	createdAt: string;
	/** Set when retention gave it up, or it was found to be gone. */
	unusableBecause?: string;
}
