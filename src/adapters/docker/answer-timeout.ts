// How long an engine may take to answer what is no stream.

/** Longer than the 20 s after which a manager gives up on a Swarm without a leader, so that its own words get here. */
export const answerTimeoutMs = 25_000;
