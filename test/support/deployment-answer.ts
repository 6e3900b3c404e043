// Describes deployments in answers, written down from the contract (section 4), not taken from the code under test.

export interface EdgeAnswer {
	url: string;
	path: string;
	verdict: "healthy" | "unhealthy" | "inconclusive";
	mode: "strict" | "lenient";
	status?: number;
	error?: string;
	attempts: number;
	latencyMs: number;
	fallback?: boolean;
	preexisting?: boolean;
	waited?: { routeMs?: number; certificateMs?: number };
	servedBy?: string;
}

export interface HealthAnswer {
	verdict: "healthy" | "unhealthy" | "inconclusive" | null;
	edges: EdgeAnswer[];
}

export interface ErrorAnswer {
	code: string;
	message: string;
	hint: string;
	retryable: boolean;
	guide?: string;
	details?: Record<string, unknown>;
}

export interface DeploymentAnswer {
	deploymentId: string;
	applicationId: string;
	kind: "deploy" | "rollback" | "auto_rollback" | "adopted";
	status: "running" | "done" | "error" | "cancelled";
	phase: string;
	outcome?: string;
	ref?: string;
	commit?: { sha: string; message: string; author: string };
	image?: { reference: string; digest: string };
	rollbackId: string | null;
	rollbackable: boolean;
	notRollbackableBecause?: string;
	current?: boolean;
	rolledOver?: boolean;
	rolloverNote?: string;
	health?: HealthAnswer;
	lastLines?: { taskId: string; node: string; output: string }[];
	autoRollback?: {
		attempted: boolean;
		toLastHealthy?: boolean;
		recovered?: boolean;
		reason?: string;
		during?: string;
		rollbackId?: string;
		deploymentId?: string;
		health?: HealthAnswer;
		migrations?: { files: string[]; known: boolean };
		changedSince?: { env: string[]; config: string[] };
	};
	autoRollbackNote?: string;
	bake?: { state: string; until: string; because?: string };
	confirm?: { state: string; until: string; by?: string; at?: string; reason?: string; because?: string };
	warnings?: string[];
	orchestrator?: {
		updateState?: string;
		message?: string;
		failedTasks?: { taskId: string; state: string; exitCode?: number; error?: string; output?: string; healthLog?: string }[];
	};
	orchestratorGate?: { on: boolean; program?: string; because?: string };
	target?: { deploymentId: string; rollbackId: string };
	reason?: string;
	requestedBy: string;
	startedAt: string;
	finishedAt?: string;
	durationMs: number;
	phases: { phase: string; durationMs: number }[];
	error?: ErrorAnswer;
	next?: { tool: string; args: Record<string, unknown>; why: string }[];
}

/** One line of `list_deployments`. */
export interface ListedDeployment {
	deploymentId: string;
	kind: DeploymentAnswer["kind"];
	status: DeploymentAnswer["status"];
	outcome?: string;
	verdict: string | null;
	commit?: { sha: string; message: string };
	rollbackId: string | null;
	rollbackable: boolean;
	notRollbackableBecause?: string;
	current?: boolean;
	target?: { deploymentId: string; rollbackId: string };
	bake?: { state: string; until?: string };
	confirm?: { state: string; until?: string };
	requestedBy: string;
	startedAt: string;
	durationMs: number;
	next?: DeploymentAnswer["next"];
}
