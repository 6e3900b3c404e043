// Declares what the engine needs of the logs of running apps.

export interface RuntimeLogLine {
	/** ISO 8601. */
	timestamp: string;
	stream: "stdout" | "stderr";
	taskId: string;
	/** Of the release that the task is stamped with. */
	deploymentId?: string;
	/** Host name of the node, or its id where the name is not known. */
	node: string;
	/** Untrusted; one line, clean of control characters and secrets. The beginning of a line that is too long. */
	text: string;
	/** Of the whole line as it was printed, in bytes, where `text` is only its beginning. */
	wholeLength?: number;
}

export interface RuntimeLog {
	/** Oldest first. */
	lines: RuntimeLogLine[];
	/** There are earlier lines, or there may be: a node did not answer in time. */
	truncated: boolean;
}

export interface RuntimeLogSelection {
	/** Lines, over all tasks. */
	tail: number;
	sinceSeconds?: number;
	/** Only of tasks that carry the release of this deployment. */
	deploymentId?: string;
}

export interface RuntimeLogs {
	/**
	 * The last lines over the tasks of the service that Swarm remembers, fewer where they are very long; none where there is no such
	 * service.
	 * @throws docker_unreachable; the signal's reason when it was aborted
	 */
	read(serviceName: string, selection: RuntimeLogSelection, signal?: AbortSignal): Promise<RuntimeLog>;
}
