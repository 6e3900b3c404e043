// Owns how long the application's lock is kept, and renewed by whom.

/** Covers the checks before a worker is started: the registry is asked, and may be slow to answer. */
export const startLeaseMs = 90_000;

/** Covers a worker's own start. One that never comes up is noticed after it. */
export const launchLeaseMs = 20_000;

/** Of a worker at work. A worker that died is noticed this long after its last renewal. */
export const leaseMs = 15_000;
export const renewEveryMs = 2_000;
