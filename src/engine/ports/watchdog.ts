// Declares what ends a worker that could not renew its lease, whatever its event loop is busy with.

export interface Watchdog {
	/**
	 * This process may go on until then, and is killed at that moment unless this was called again. To be called with each
	 * renewal; the first call begins the watch.
	 * @param deadlineMs of the clock's `monotonic`; Infinity when nothing is held any more
	 */
	heldUntil(deadlineMs: number): void;
}
