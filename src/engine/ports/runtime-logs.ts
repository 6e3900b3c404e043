// Owns what the engine needs of the logs of running apps.

export interface RuntimeLogLine {
	/** ISO 8601. */
	timestamp: string;
	stream: "stdout" | "stderr";
	taskId: string;
	/** Host name of the node, or its id where the name is not known. */
	node: string;
	/** Untrusted; clean of control characters and secrets. */
	text: string;
}

export interface RuntimeLogs {
	/**
	 * The last `tail` lines over all tasks of the service, oldest first; none where there is no such service.
	 * @throws docker_unreachable
	 */
	read(serviceName: string, selection: { tail: number; sinceSeconds?: number }): Promise<RuntimeLogLine[]>;
}
