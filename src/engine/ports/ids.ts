// Declares what the engine needs of ids: names nobody can guess, and none twice.

/** `dep`: a deployment; `rb`: a rollback point; `run`: one process's hold on a lock; `watch`: its watch over a release; `fault`: a line in the log; `nobody`: a host that nobody has. */
export type IdKind = "dep" | "rb" | "run" | "watch" | "reconcile" | "fault" | "nobody";

export interface Ids {
	/** E.g. `dep-k3x9q2m7p4tw`: safe in an image tag, a file name and a label. */
	next(kind: IdKind): string;
}
