// Plays a story in a world of its own, with one fault or none, lets others settle what is left, and judges what became of it.
import { labels } from "../../../src/model/service.ts";
import { lookOn } from "../look-on.ts";
import { judgeAftermath, judgeCrashes } from "../rules/aftermath.ts";
import type { Breach } from "../rules/breach.ts";
import { judgeDeliveries } from "../rules/deliveries.ts";
import { stampOf } from "../rules/truth.ts";
import { Witness } from "../rules/witness.ts";
import { Chronicle } from "../world/chronicle.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { CallObserver, PortCall } from "../world/port-calls.ts";
import { SimulatedProcess } from "../world/process.ts";
import { World } from "../world/world.ts";
import { CallList, type FaultPoint, Staging } from "./fault-points.ts";
import type { Stage, Story } from "./story.ts";

/** The story's own calls have this long: whoever made them may wait for what will not come. */
const storyMs = 200_000;
/** After this long without an end there is none. */
const longestMs = 3_600_000;

/** @returns where faults can be staged; what is wrong without any */
export async function rehearse(story: Story): Promise<{ calls: CallList; breaches: Breach[] }> {
	const calls = new CallList();
	const breaches = await play(story, true, (world, folder) => ({
		meet: (call) => calls.meet(call, phaseOf(folder), situationOf(world)),
	}));
	return { calls, breaches };
}

export function playWithFault(story: Story, point: FaultPoint): Promise<Breach[]> {
	const staging = new Staging(point);
	return play(story, false, () => ({ meet: (call) => staging.meet(call) }));
}

/** The same again, in words. */
export async function tell(story: Story, point: FaultPoint): Promise<string> {
	const staging = new Staging(point);
	let chronicle: Chronicle | undefined;
	await play(story, false, (world, folder) => {
		const told = new Chronicle(world, [folder]);
		chronicle = told;
		const meet = (call: PortCall) => {
			const fault = staging.meet(call);
			if (fault) told.befell(call, point.fault);
			return fault;
		};
		return { meet, saw: (call, outcome) => told.saw(call, outcome) };
	});
	return chronicle?.text ?? "";
}

type Director = (world: World, folder: DataFolder) => CallObserver;

async function play(story: Story, isUndisturbed: boolean, direct: Director): Promise<Breach[]> {
	using world = new World(story.nodes);
	const folder = world.openFolder();
	const witness = new Witness(world, folder);
	let director: CallObserver | undefined;
	const saw: Witness["saw"] = (call, outcome) => {
		witness.saw(call, outcome);
		director?.saw?.(call, outcome);
	};
	const onlooker = new SimulatedProcess(world, "onlooker", folder, { saw });
	const stage: Stage = { world, folder, isUndisturbed, server: onlooker, until: (isSo) => witness.until(isSo) };
	await world.clock.run(story.prepare(stage));
	director = direct(world, folder);
	const script = story.script?.() ?? (() => undefined);
	let isOn = true;
	const meet: CallObserver["meet"] = (call) => (isOn ? (script(call) ?? director?.meet(call)) : undefined);
	const server = new SimulatedProcess(world, "server", folder, { saw, meet });
	const act = Promise.race([actOut(story, { ...stage, server }, witness), server.life.ended, world.clock.sleep(storyMs)]);
	const told = act.then(() => {
		isOn = false;
	});
	await world.clock.run(lookOn({ witness, onlooker, told, longestMs }));
	judgeAftermath(witness, story.endsForeign ?? false);
	judgeCrashes(witness);
	judgeDeliveries(witness, isUndisturbed);
	story.judge?.(stage, (rule, how) => witness.breach(rule, how));
	return witness.breaches;
}

/** A call that is refused ends the story there. */
async function actOut(story: Story, stage: Stage, witness: Witness): Promise<void> {
	try {
		await story.act(stage);
	} catch (error) {
		witness.judgeRefusal(error);
	}
}

function phaseOf({ store }: DataFolder): string {
	return store
		.listDeployments("hello", 2)
		.map(({ deploymentId, phase, status, cancelRequested }) => `${deploymentId} ${phase} ${status} ${cancelRequested !== undefined}`)
		.join(", ");
}

function situationOf({ cluster: { raft, state } }: World): string {
	const services = [...raft.services.values()].map(
		({ spec, updateStatus }) => `${spec.Labels?.[labels.deployment]} ${updateStatus?.state}`,
	);
	const tasks = [...raft.tasks.values()].map((task) => `${stampOf(task)} ${task.state} ${task.desiredState}`);
	return [state, ...services, ...tasks].join(", ");
}
