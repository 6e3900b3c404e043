// Declares what the engine needs to run a deployment apart from the process that was asked for it.

export interface WorkerLauncher {
	/**
	 * Starts a process of its own that runs (or resumes) the deployment and outlives this one. Returns once the
	 * process exists; everything after that is read from the store.
	 */
	start(deploymentId: string): Promise<void>;

	/**
	 * Has a process begin for a deployment that is still being checked, so that one does not wait for the other. Never throws:
	 * where none could begin, the prepared worker's `start` is that of the launcher.
	 */
	prepare(): PreparedWorker;
}

/** Disposed of without a start, its process ends by itself, and so it does when this process ends first. */
export interface PreparedWorker extends Disposable {
	/** As the launcher's. To be called once. */
	start(deploymentId: string): Promise<void>;
}
