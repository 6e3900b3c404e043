// Declares what the engine needs of time, so that tests can stage hours, jumps and races in milliseconds.

export interface Clock {
	/** Wall time in milliseconds since 1970, for records that people read. It may jump; nothing is decided by it. */
	now(): number;
	/** Milliseconds that never go back, and mean the same in all processes of this machine. Deadlines and leases are kept in them. */
	monotonic(): number;
	/** Resolves after `ms`, or as soon as `signal` is aborted. Never throws. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Calls `run` again and again, `ms` apart, until it is disposed of. It does not keep a process alive. */
	every(ms: number, run: () => void): Disposable;
}
