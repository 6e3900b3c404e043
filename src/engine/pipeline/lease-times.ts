// Says how long an application's lock is kept without being renewed.

/** Covers the applying of a plan: one update of labels, and one write. */
export const reconcileLeaseMs = 90_000;

/** Covers a worker's own start. One that never comes up is noticed after it. */
export const launchLeaseMs = 20_000;

/** Of a worker at work. A worker that died is noticed this long after its last renewal. */
export const leaseMs = 15_000;
export const renewEveryMs = 2_000;
