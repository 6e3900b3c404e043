// Owns how long the application's lock is kept, and renewed by whom.

/** Covers the checks before the worker runs, and the worker's own start; a worker that never comes up is settled after it. */
export const startLeaseMs = 90_000;

/** Of a worker at work. A worker that died is noticed this long after its last renewal. */
export const leaseMs = 15_000;
export const renewEveryMs = 2_000;
