// Describes how the app in an image behaves, as a value: a story that fails can be printed with it.

export interface AppBehaviour {
	/** From its start until it listens. Default 0. */
	listensAfterMs?: number;
	/** It ends by itself, so long after its start. */
	ends?: { afterMs: number; exitCode: number };
	/** What it answers on every path; `hangs`: it takes the request and is silent. Default 200. */
	status?: number | "hangs";
	/** What it answers on `/`, where that differs. */
	rootStatus?: number;
	/** From so long after its start on it answers this on every path. */
	turns?: { afterMs: number; status: number | "hangs" };
	/** From the order to stop until it has stopped. Default 100; a program that does not hear the order is killed at the end of its grace. */
	stopsAfterMs?: number;
	/** The health endpoint names the release, in the header that contract section 6 lets a project file declare. */
	namesItself?: string;
	/** How it behaves in this replica instead: one of several may be bad. */
	inSlot?: Record<number, AppBehaviour>;
}

export type AppAnswer = number | "hangs" | "refused";

/** @param path of the URL, with its slash */
export function answerOf(app: AppBehaviour, path: string, aliveMs: number): AppAnswer {
	if (aliveMs < (app.listensAfterMs ?? 0)) return "refused";
	if (app.turns && aliveMs >= app.turns.afterMs) return app.turns.status;
	if (path === "/" && app.rootStatus !== undefined) return app.rootStatus;
	return app.status ?? 200;
}
