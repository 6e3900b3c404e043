// Declares what the engine needs of the build logs: one append-only text per deployment.

export interface DeploymentLogWriter {
	/** One line, already clean of secrets and control characters. Never throws: a full disk must not fail a deploy. */
	line(text: string): void;
	/** The same of a line in our own words. It is told apart from all others when it is read, whatever they look like. */
	own(text: string): void;
}

export interface DeploymentLogs {
	/** Appends to what is there: a resumed deployment goes on in the same log. */
	open(deploymentId: string): DeploymentLogWriter;
	/** The last `tail` lines so far, or fewer where they are very long; undefined where no log was written. */
	read(deploymentId: string, tail: number): Promise<DeploymentLog | undefined>;
}

/** Masked with the secrets that were known when it was written. */
export interface DeploymentLogLine {
	text: string;
	/** Our own words. All others are a build's or a registry's: untrusted. */
	own: boolean;
}

export interface DeploymentLog {
	/** Oldest first. */
	lines: DeploymentLogLine[];
	/** There are earlier lines. */
	truncated: boolean;
}
