// Describes what deploymill knows of an application: who it is, and what its project file said when it was last reconciled.

export type Workload = "web" | "worker";

/** How an app's own endpoint is asked whether it is well (contract section 6). Times in milliseconds. */
export interface HealthPolicy {
	/** Absolute path, `/` for lenient probing. */
	path: string;
	/** Answers in a row that decide, either way. */
	retries: number;
	intervalMs: number;
	timeoutMs: number;
	/** How long a live release is watched on, as written: `10m`. Absent: not at all. */
	bake?: string | undefined;
	/** How often a started container asks itself; absent: nobody said, see check-times.ts. */
	containerIntervalMs?: number | undefined;
	/** Lower-cased. Where it is given, an answer counts only when this header of it names the release that is judged. */
	releaseHeader?: string | undefined;
}

/** A named volume and where the container sees it. Never a host path. */
export interface Mount {
	volumeName: string;
	mountPath: string;
}

export interface BuildConfig {
	/** Relative to the repository's root; both stay inside of it. */
	dockerfile: string;
	context: string;
	args: Record<string, string>;
}

/** `auto` implies `enabled`. */
export interface RollbackMode {
	enabled: boolean;
	auto: boolean;
}

/** What the project file asks for, as last applied by reconcile. The next deploy or rollback puts it on the service. */
export interface ApplicationConfig {
	name: string;
	workload: Workload;
	/** Container port; always there for `web`, never for `worker`. */
	port?: number;
	/** Lower-cased host names, the production one first; empty for a worker. */
	domains: string[];
	rollback: RollbackMode;
	health: HealthPolicy;
	/** Whether the project file declares a `health` block, which arms the orchestrator gate. */
	healthDeclared: boolean;
	mounts: Mount[];
	resources: { cpu?: number; memoryMb?: number };
	replicas: number;
	/** An operator scaled the service to that many, and the project file says nothing of it. */
	replicasAdopted?: true;
	build: BuildConfig;
	/** Globs of files that change the database's schema. */
	migrations: string[];
}

export interface Application {
	/** Readable slug, the Swarm service's name too; never changes. */
	applicationId: string;
	/** Address that git is given. */
	repoUrl: string;
	/** Hash by which its service, its volumes and its route are known: of the address that it was first deployed from, by whomever. */
	repository: string;
	config: ApplicationConfig;
	/** Commit whose project file is applied. */
	configCommit: string;
	createdAt: string;
}
