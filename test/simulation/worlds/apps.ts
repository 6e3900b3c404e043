// Makes the commits of a world: what each release by its name is built to.
import type { AppBehaviour } from "../swarm/app-behaviour.ts";
import type { ModelCommit } from "../world/repositories.ts";
import type { AppName } from "./plan.ts";

export const releaseHeader = "x-release";

const behaviours: Record<Exclude<AppName, "broken build">, AppBehaviour> = {
	good: {},
	better: {},
	ill: { status: 500 },
	crashing: { ends: { afterMs: 400, exitCode: 1 } },
	sick: { status: 500 },
	slow: { stopsAfterMs: 9_000 },
	turning: { turns: { afterMs: 14_000, status: 500 } },
	late: { listensAfterMs: 2_500 },
	shut: { status: 503 },
	// It lives longer than Swarm watches it.
	"crashing in time": { ends: { afterMs: 9_000, exitCode: 1 } },
	"one of two": { inSlot: { 2: { status: 503 } } },
};

/** Programs in it could ask its health endpoint, so that Swarm itself looks. */
const checked: readonly AppName[] = ["sick", "late"];

export function commitOf(name: AppName, namesItself: boolean, files: Record<string, string>): ModelCommit {
	const content = `${name}${namesItself ? ", named" : ""}`;
	if (name === "broken build") return { content, app: {}, buildFails: true, files };
	const app = behaviours[name];
	const naming = namesItself ? { namesItself: releaseHeader } : {};
	const inSlot = app.inSlot && {
		inSlot: Object.fromEntries(Object.entries(app.inSlot).map(([slot, one]) => [slot, { ...one, ...naming }])),
	};
	return { content, app: { ...app, ...inSlot, ...naming }, files, ...(checked.includes(name) ? { programs: ["wget"] } : {}) };
}

/** Users never get a good answer of it. */
export function isAlwaysIll(name: AppName): boolean {
	return name === "ill" || name === "sick" || name === "shut";
}

/** As long as it runs, and nothing stands in the way. */
export function isAlwaysWell(name: AppName): boolean {
	return name === "good" || name === "better" || name === "slow" || name === "late";
}
