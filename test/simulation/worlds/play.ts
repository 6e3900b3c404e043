// Plays a world from its plan to its end, and judges it.
import { lookAtLive } from "../../../src/engine/calls/live.ts";
import { keepDelivering } from "../../../src/engine/events/keep-delivering.ts";
import { settleAbandoned } from "../../../src/engine/pipeline/settle.ts";
import { LockLost } from "../../../src/engine/ports/store.ts";
import { DeploymillError } from "../../../src/errors.ts";
import { judgeAftermath, judgeCrashes } from "../rules/aftermath.ts";
import type { Breach } from "../rules/breach.ts";
import { judgeDeliveries, undelivered } from "../rules/deliveries.ts";
import { judgeShown } from "../rules/shown.ts";
import { Waiting } from "../rules/waiting.ts";
import { Chronicle } from "../world/chronicle.ts";
import type { CallObserver, PortCall } from "../world/port-calls.ts";
import { perform } from "./actors.ts";
import { Direction } from "./direction.ts";
import { waitFor } from "./moments.ts";
import type { WorldPlan } from "./plan.ts";
import { type Home, type Stage, setUp } from "./stage.ts";
import { judgeVerdicts } from "./verdicts.ts";

/** Somebody looks at each application this often, and settles what was left. */
const lookEveryMs = 4_000;
/** Faults are staged for so long after the last act. */
const aftershockMs = 30_000;
/** A late update, or a task that ends late, comes to light in this time. */
const quietMs = 32_000;
const hourMs = 3_600_000;

export interface WorldEnd {
	breaches: Breach[];
	/** Names of the faults that were staged at calls. */
	staged: string[];
	/** How the deployments ended. */
	outcomes: string[];
	/** In seconds. */
	lasted: number;
	/** What happened, line by line, where it was asked for. */
	story?: string;
}

export interface Playing {
	/** The end has its story. */
	isTold?: boolean;
	/** Does something else in place of calls, to find out whether the rules notice. */
	around?: CallObserver["around"];
	/** After this long without an end there is none. */
	longestMs?: number;
}

export async function playWorld(plan: WorldPlan, { isTold = false, around, longestMs = hourMs }: Playing = {}): Promise<WorldEnd> {
	using stage = await setUp(plan);
	const { world, homes } = stage;
	const chronicle = isTold
		? new Chronicle(
				world,
				homes.map(({ folder }) => folder),
			)
		: undefined;
	const direction = new Direction(plan, (call, fault) => chronicle?.befell(call, fault));
	Object.assign(stage.director, {
		meet: (call: PortCall) => direction.meet(call),
		turnsAt: (call: PortCall) => direction.turnsAt(call),
		saw: (call: PortCall, outcome: object) => chronicle?.saw(call, outcome),
		...(around ? { around } : {}),
	});
	const acts = act(stage, chronicle);
	const told = acts.then(() => world.clock.sleep(aftershockMs)).then(() => direction.end());
	const beganMs = world.clock.monotonic();
	await world.clock.run(Promise.all([told, ...homes.map((home) => lookOn(stage, home, told, longestMs))]));
	for (const home of homes) await world.clock.run(judge(home, plan, direction.staged));
	if (homes[0]) judgeCrashes(homes[0].witness);
	return {
		breaches: homes.flatMap(({ witness }) => witness.breaches),
		staged: direction.staged,
		outcomes: homes.flatMap(({ folder, applicationId }) =>
			folder.store.listDeployments(applicationId, 100).map(({ kind, outcome }) => `${kind}: ${outcome}`),
		),
		lasted: (world.clock.monotonic() - beganMs) / 1000,
		...(chronicle ? { story: chronicle.text } : {}),
	};
}

/** None waits for the one before it. */
async function act(stage: Stage, chronicle: Chronicle | undefined): Promise<void> {
	const { clock } = stage.world;
	let overMs = 0;
	for (const { when, afterMs, act } of stage.plan.acts) {
		if (when) await waitFor(stage, when, "folder" in act ? act.folder : 0);
		await clock.sleep(afterMs);
		// What an accident takes away comes back.
		if ("forMs" in act) overMs = Math.max(overMs, clock.monotonic() + act.forMs);
		chronicle?.note(`=== ${JSON.stringify(act)}`);
		perform(stage, act).catch((error: unknown) => {
			chronicle?.note(`=== ${act.do} is refused: ${error instanceof Error ? error.message : String(error)}`);
			const isOurs = error instanceof TypeError || error instanceof RangeError || error instanceof LockLost;
			if (isOurs) stage.homes[0]?.witness.breach("no fault of the code", error.stack ?? error.message);
		});
	}
	await clock.sleep(overMs - clock.monotonic());
}

/** Until all was done, nothing is left running, and nothing more happened for a while. */
async function lookOn(stage: Stage, home: Home, told: Promise<void>, longestMs: number): Promise<void> {
	const { clock } = stage.world;
	let isTold = false;
	void told.then(() => {
		isTold = true;
	});
	using _deliveries = keepDelivering(home.onlooker.engine);
	const endMs = clock.monotonic() + longestMs;
	const waiting = new Waiting(home.witness);
	let quietSinceMs = clock.monotonic();
	while (clock.monotonic() - quietSinceMs < quietMs && clock.monotonic() < endMs) {
		await look(home);
		waiting.look();
		if (!isTold || isBusy(stage, home)) quietSinceMs = clock.monotonic();
		await clock.sleep(lookEveryMs);
	}
}

function isBusy({ world }: Stage, { folder, applicationId }: Home): boolean {
	const { store } = folder;
	if (world.isAnybodySuspended || store.listOpenProbations(applicationId).length > 0) return true;
	return store.listDeployments(applicationId, 3).some(({ status }) => status === "running") || undelivered(world, folder).length > 0;
}

/** As any call does that looks at the application. */
async function look({ onlooker: { engine }, folder, applicationId, witness }: Home): Promise<void> {
	try {
		await settleAbandoned(engine);
		const application = folder.store.findApplication(applicationId);
		if (application) await lookAtLive(engine, application);
	} catch (error) {
		if (!(error instanceof DeploymillError)) witness.breach("a look fails with a code", String(error));
	}
}

async function judge({ witness, onlooker }: Home, plan: WorldPlan, staged: string[]): Promise<void> {
	judgeAftermath(witness, true);
	await judgeShown(witness, onlooker.engine);
	judgeVerdicts(witness, plan, staged);
	judgeDeliveries(witness, false);
}
