// Bounds how far back in an application's history decisions look.

/** Deployments. What can be gone back to is found beyond them, however old it is (`engine/history/history.ts`). */
export const historyDepth = 1_000;

/** So many older ones count as well, of those that came to something. */
export const tellingDepth = 200;
