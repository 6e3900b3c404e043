// Declares how the engine waits for what other processes record.

export interface RecordChanges {
	/** What is recorded from here on ends a wait. Never throws: where nothing can be watched, waits end by their time. */
	watch(): RecordWatch;
}

export interface RecordWatch extends Disposable {
	/**
	 * Resolves when something may have been recorded since the wait before (or since the watch began), after `timeoutMs`, or when
	 * `signal` aborts. Never rejects.
	 */
	next(timeoutMs: number, signal?: AbortSignal): Promise<void>;
}
