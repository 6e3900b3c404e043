// Describes the part of a deployment's answer that the demo reads.

export interface Deployment {
	deploymentId: string;
	kind: string;
	status: string;
	outcome: string;
	verdict?: string;
	commit?: { sha: string; message: string };
	rollbackId: string | null;
	rollbackable: boolean;
	current?: boolean;
	startedAt: string;
	durationMs: number;
	health?: { verdict: string; edges: { url: string; verdict: string; error?: string }[] };
	phases: { phase: string; durationMs: number }[];
	error?: { code: string; message: string };
	orchestrator?: { failedTasks?: { exitCode?: number; output?: string }[] };
}
