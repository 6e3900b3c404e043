// Makes worlds from seeds: small ones, in which much happens close together.
import fc from "fast-check";
import { type Act, apps, type Folder, type Moment, type PlannedAct, type PlannedFault, type Setup, type WorldPlan } from "./plan.ts";

const of = fc.constantFrom;

const setup: fc.Arbitrary<Setup> = fc.record({
	nodes: of(1, 1, 1, 2, 3),
	folders: of("one", "one", "two of one application", "two applications"),
	begins: of("a release", "a release", "two releases", "nothing"),
	replicas: of(1, 1, 1, 2),
	volume: of(false, false, false, true),
	rollback: of("auto", "auto", "auto", "on", "off"),
	bake: of("0s", "0s", "20s", "45s"),
	namesItself: of(false, false, true),
	drains: fc.boolean(),
});

const folder = of<Folder>(0, 0, 1);
const short = of(500, 3_000, 8_000, 20_000);
/** The last is longer than any outage is waited out by one and the same worker. */
const long = of(3_000, 3_000, 20_000, 20_000, 70_000, 70_000, 640_000);

const deploy: fc.Arbitrary<Act> = fc.record({
	do: fc.constant("deploy" as const),
	folder,
	app: of("good", "better", ...apps),
	confirm: of(false, false, false, false, true),
	again: of(false, false, false, true),
	force: of(false, false, false, true),
});

const call: fc.Arbitrary<Act> = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("roll back" as const), folder, named: fc.boolean() }) },
	{ weight: 4, arbitrary: fc.record({ do: of("cancel" as const, "cancel" as const, "confirm" as const, "look" as const), folder }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("adopt" as const), folder: fc.constant<Folder>(1) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("set env" as const), folder, value: of(1, 2) }) },
);

const hand: fc.Arbitrary<Act> = fc.oneof(
	fc.record({ do: of("hand labels" as const, "hand rolls back" as const, "hand removes" as const), folder }),
	fc.record({ do: fc.constant("hand scales" as const), folder, to: of<0 | 1 | 2 | 3>(0, 0, 1, 2, 3) }),
	fc.record({ do: fc.constant("hand sets image" as const), folder, which: of("earlier" as const, "foreign" as const, "missing" as const) }),
	fc.record({ do: of("hand sets env" as const, "hand sets env" as const, "volume is taken" as const), folder }),
);

const accident: fc.Arbitrary<Act> = fc.oneof(
	fc.record({ do: fc.constant("clock jumps" as const), byMs: of(-3_600_000, -20_000, 20_000, 86_400_000) }),
	fc.record({ do: of("leader changes" as const, "engine restarts" as const), forMs: short }),
	fc.record({ do: of("docker is away" as const, "network is away" as const, "nodes are paused" as const), forMs: long }),
	fc.record({ do: of("registry is away" as const, "receiver is away" as const), how: of("down" as const, "silent" as const), forMs: long }),
	fc.record({ do: fc.constant("node is lost" as const), node: of<1 | 2>(1, 2), forMs: of(5_000, 40_000) }),
	fc.record({ do: fc.constant("image is lost" as const), which: of(0, 1) }),
);

const moments = of<Moment>("is built", "is put there", "is put there", "is in its gate", "is in its gate", "is over", "lost its worker");
const at = { afterMs: of(0, 0, 50, 300, 800, 2_000, 5_000, 12_000) };

const act: fc.Arbitrary<PlannedAct> = fc.oneof(
	// Most calls are made when nothing is under way, and would be refused else.
	{ weight: 4, arbitrary: fc.record({ when: fc.constant<Moment>("is over"), ...at, act: fc.oneof(deploy, deploy, call) }) },
	{ weight: 2, arbitrary: fc.record({ when: moments, ...at, act: fc.oneof(deploy, call) }) },
	{ weight: 7, arbitrary: fc.record({ when: moments, ...at, act: fc.oneof(hand, accident) }) },
	{ weight: 2, arbitrary: fc.record({ ...at, act: fc.oneof(deploy, call, hand, accident) }) },
);

/** Those by which much depends, beside any. */
const hit = [
	"swarm.updateService",
	"swarm.createService",
	"swarm.removeService",
	"swarm.listTasks",
	"swarm.inspectService",
	"store.journalSwap",
	"store.enterRelease",
	"store.enterPhase",
	"store.recordFacts",
	"store.beginRevert",
	"store.finishDeployments",
	"store.createRollbackPoint",
	"store.renewLock",
	"store.saveProbation",
	"store.keepWatch",
	"store.reopenToTakeBack",
	"registry.checkManifest",
	"images.push",
	"prober.probe",
	"receiver.post",
	"workers.start",
] as const;

/** Of an update on its way anything may become. */
const ofUpdates = [
	"killed, its request arrives late",
	"killed after",
	"suspended before",
	"suspended after",
	"error after",
	"no answer",
	"error before",
] as const;

const fault: fc.Arbitrary<PlannedFault> = fc.oneof(
	{
		weight: 2,
		arbitrary: fc.record({
			name: of<string>("swarm.updateService", "swarm.updateService", "swarm.createService", "swarm.removeService"),
			nth: of(1, 1, 1, 2, 2, 3),
			which: of<string>(...ofUpdates),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ name: of<string>(...hit), nth: of(1, 1, 1, 2, 2, 3, 5, 9, 20), which: fc.nat(9) }) },
	{ weight: 2, arbitrary: fc.record({ nth: fc.integer({ min: 1, max: 150 }), which: fc.nat(9) }) },
);

export const worlds: fc.Arbitrary<WorldPlan> = fc.record({
	setup,
	acts: fc
		.tuple(deploy, fc.array(act, { minLength: 1, maxLength: 6, size: "max" }))
		.map(([first, more]) => [{ afterMs: 0, act: first }, ...more]),
	faults: fc.array(fault, { maxLength: 4, size: "max" }),
	turns: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 0x7fffffff }) }),
});
