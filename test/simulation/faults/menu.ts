// Lists which faults can happen at each port call: those of its adapter, the end of its process, and a process that is suspended.
import { EngineError } from "../../../src/adapters/docker/faults.ts";
import { DeploymillError } from "../../../src/errors.ts";
import type { Fault } from "../world/port-calls.ts";

export type Menu = Record<string, Fault>;

/** Longer than any lease, and than the start of the worker that goes on. */
const suspensionMs = 50_000;
/** After the next worker has begun, and before it can be done. */
const lateMs = 22_000;
/** The adapter gives up on an engine that says nothing after this long. */
const engineSilenceMs = 30_000;

const unreachable = () => new DeploymillError("docker_unreachable", "Docker is not reachable: it closed the connection.");
const refused = () => new EngineError(500, "rpc error: code = Unknown desc = context deadline exceeded");
const leaderless = () => new DeploymillError("swarm_not_ready", "The swarm does not have a leader.", { retryable: true });
const registryAway = () => new DeploymillError("registry_unreachable", "Docker could not reach the registry.");
export const locked = Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR", errcode: 5 });
const repoAway = () => new DeploymillError("repo_unreachable", "The repository cannot be reached.");

const killed: Menu = { "killed after": { kind: "kill", when: "after" } };
const suspendedBefore: Menu = { "suspended before": { kind: "suspend", when: "before", forMs: suspensionMs } };
const suspendedAfter: Menu = {
	"suspended after": { kind: "suspend", when: "after", forMs: suspensionMs },
	"suspended after, answer first": { kind: "suspend", when: "after", forMs: suspensionMs, first: "answers" },
};
const suspendedInLook: Menu = { "suspended, answer first": { kind: "suspend", when: "after", forMs: suspensionMs, first: "answers" } };

/** Nothing is different after it: to be killed there is to be killed after the last change before it. */
const look: Menu = {
	"error before": { kind: "error", when: "before", error: refused() },
	"no answer": { kind: "error", when: "before", error: unreachable(), afterMs: engineSilenceMs },
	...suspendedBefore,
	...suspendedInLook,
};
const change: Menu = {
	"error before": { kind: "error", when: "before", error: refused() },
	"no leader": { kind: "error", when: "before", error: leaderless() },
	"error after": { kind: "error", when: "after", error: unreachable() },
	"no answer": { kind: "error", when: "after", error: unreachable(), afterMs: engineSilenceMs },
	...killed,
	"killed, its request arrives late": { kind: "kill", when: "on the way", arrivesAfterMs: lateMs },
	...suspendedBefore,
	...suspendedAfter,
};

const menus: Record<string, Menu> = {
	"swarm.createService": change,
	"swarm.updateService": change,
	"swarm.removeService": change,
	// It never fails, and says nothing.
	"swarm.waitForChange": suspendedBefore,
	"swarm.lastWords": suspendedBefore,
	"images.build": {
		"error after": { kind: "error", when: "after", error: unreachable() },
		...killed,
		...suspendedBefore,
		...suspendedAfter,
	},
	"images.push": {
		"error before": { kind: "error", when: "before", error: registryAway() },
		"error after": { kind: "error", when: "after", error: registryAway() },
		...killed,
		...suspendedBefore,
		...suspendedAfter,
	},
	"registry.checkManifest": {
		"error before": { kind: "error", when: "before", error: registryAway() },
		"no answer": { kind: "error", when: "before", error: unreachable(), afterMs: engineSilenceMs },
		...suspendedBefore,
	},
	"source.checkout": { "error before": { kind: "error", when: "before", error: repoAway() }, ...suspendedBefore },
	"prober.probe": {
		"no connection": { kind: "answer", answer: { failure: "connect", error: "no connection could be made", latencyMs: 5 } },
		"no answer": { kind: "answer", answer: { failure: "timeout", error: "no answer came in time", latencyMs: 1_000 }, afterMs: 1_000 },
		...suspendedBefore,
	},
	"receiver.post": {
		"no connection": { kind: "answer", answer: { taken: false, because: "no connection could be made" } },
		"no answer": { kind: "answer", answer: { taken: false, because: "no answer came in time" }, afterMs: 10_000 },
		...killed,
		...suspendedBefore,
		...suspendedAfter,
	},
	"workers.start": {
		"error before": { kind: "error", when: "before", error: new Error("spawn EAGAIN") },
		// It is there, and at work already.
		"error after": { kind: "error", when: "after", error: new Error("the worker was not heard of"), afterMs: 700 },
		"never comes up": { kind: "answer", answer: undefined },
		...killed,
	},
};

/** SQLite answers at once or not at all, and what it refuses it has not done. */
const storeLook: Menu = {
	"error before": { kind: "error", when: "before", error: locked },
};
const storeChange: Menu = { ...storeLook, ...killed, ...suspendedAfter };
const looksAtStore = /^store\.(?:find|list|read|digest|count|lockHolder)/;

export function menuOf(name: string): Menu {
	if (looksAtStore.test(name)) return storeLook;
	return menus[name] ?? (name.startsWith("store.") ? storeChange : look);
}
