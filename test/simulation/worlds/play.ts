// Plays a world from its plan to its end, and judges it.
import { lookOn } from "../look-on.ts";
import { judgeAftermath, judgeCrashes } from "../rules/aftermath.ts";
import type { Breach } from "../rules/breach.ts";
import { judgeDeliveries } from "../rules/deliveries.ts";
import { judgeShown } from "../rules/shown.ts";
import { Waiting } from "../rules/waiting.ts";
import type { Witness } from "../rules/witness.ts";
import { Chronicle } from "../world/chronicle.ts";
import type { CallObserver, PortCall } from "../world/port-calls.ts";
import { perform } from "./actors.ts";
import { Direction } from "./direction.ts";
import { waitFor } from "./moments.ts";
import type { WorldPlan } from "./plan.ts";
import { type Home, type Stage, setUp } from "./stage.ts";
import { judgeVerdicts } from "./verdicts.ts";

/** Faults are staged for so long after the last act. */
const aftershockMs = 30_000;
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
	await world.clock.run(
		Promise.all([
			told,
			...homes.map(({ witness, onlooker }) => lookOn({ witness, onlooker, told, longestMs, onLook: waitingOf(witness) })),
		]),
	);
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
			stage.homes[0]?.witness.judgeRefusal(error);
		});
	}
	await clock.sleep(overMs - clock.monotonic());
}

function waitingOf(witness: Witness): () => void {
	const waiting = new Waiting(witness);
	return () => waiting.look();
}

async function judge({ witness, onlooker }: Home, plan: WorldPlan, staged: string[]): Promise<void> {
	judgeAftermath(witness, true);
	await judgeShown(witness, onlooker.engine);
	judgeVerdicts(witness, plan, staged);
	judgeDeliveries(witness, false);
}
