// Sets how long an application's lock lives without being renewed.

/** Covers a worker's own start. One that never comes up is noticed after it. */
export const launchLeaseMs = 20_000;

/** Of a worker at work, and of a reconcile. One that died is noticed this long after its last renewal. */
export const leaseMs = 15_000;
export const renewEveryMs = 2_000;
