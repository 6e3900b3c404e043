// Declares what the engine needs to run a deployment apart from the process that was asked for it.

export interface WorkerLauncher {
	/**
	 * Starts a process of its own that runs (or resumes) the deployment and outlives this one. Returns once the
	 * process exists; everything after that is read from the store.
	 */
	start(deploymentId: string): Promise<void>;
}
