// Bounds how far back in an application's history any decision looks.

/** Deep enough for every decision: retention keeps far fewer rollback points than this. */
export const historyDepth = 2_000;
