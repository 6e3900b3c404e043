// Bounds how far back in an application's history decisions look.

/** What can be gone back to is found beyond it, however old it is (`engine/history/history.ts`). */
export const historyDepth = 1_000;
