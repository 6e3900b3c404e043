// Tells of releases that are live and not yet trusted: bakes and confirmations, and who or what comes in between.
import { confirmDeployment } from "../../../src/engine/calls/confirm.ts";
import { startDeploy } from "../../../src/engine/calls/start-deploy.ts";
import { startRollback } from "../../../src/engine/calls/start-rollback.ts";
import type { ApplicationConfig } from "../../../src/model/application.ts";
import type { Deployment, DeploymentRequest } from "../../../src/model/deployment.ts";
import type { Stage, Story } from "../faults/story.ts";
import { Hand } from "../world/hand.ts";
import type { ModelCommit } from "../world/repositories.ts";
import { webConfig } from "../world/world.ts";
import { call, givesFirstImage, good, notArmed, repoUrl, running, startFrom } from "./telling.ts";

const baking = (bake: string): Partial<ApplicationConfig> => ({ health: { ...webConfig().health, bake } });
/** The shortest that can be asked for. */
const confirmWithin = 30;

/** Well in its gate, and ill for ever some time after. */
const turning: ModelCommit = { content: "turning", app: { turns: { afterMs: 12_000, status: 500 } } };

type Judge = NonNullable<Story["judge"]>;

function newestDeploy({ folder }: Stage): Deployment | undefined {
	return folder.store.listDeployments("hello", 20).find(({ kind, sequence }) => kind === "deploy" && sequence > 1);
}

function wellAnswered(stage: Stage): boolean {
	const deployment = newestDeploy(stage);
	return deployment?.outcome === "live" || deployment?.outcome === "live_unhealthy";
}

/** Nothing of a release that is well may be taken back, whatever a process or a wire does. */
const isKept: Judge = (stage, breach) => {
	const { outcome, bake, causedBy } = newestDeploy(stage) ?? {};
	if (bake?.state === "failed" || causedBy !== undefined || outcome === "rolled_back" || outcome === "degraded") {
		breach("what is well is never taken back", `it is ${outcome}, its bake ${bake?.state} (${bake?.because})`);
	}
	if (stage.isUndisturbed && bake?.state !== "passed") breach("the story ends as it is told", `passed was meant, ${bake?.state} came`);
};

/** What went bad in its bake does not run any more, and what ran before does. */
const isTakenBack: Judge = (stage, breach) => {
	const { outcome, bake, confirm, deploymentId } = newestDeploy(stage) ?? {};
	if (wellAnswered(stage))
		breach("what is not trusted any more is taken back", `${deploymentId} is ${outcome}, ${bake?.state}, ${confirm?.state}`);
	if (stage.isUndisturbed && outcome !== "rolled_back") breach("the story ends as it is told", `rolled_back was meant, ${outcome} came`);
};

const isLeft =
	(state: { bake?: string; confirm?: string }): Judge =>
	(stage, breach) => {
		const { bake, confirm, autoRollback } = newestDeploy(stage) ?? {};
		if (disturbed.has(stage.folder) && autoRollback?.attempted)
			breach("what somebody else put there is never taken back", `${bake?.state}, ${confirm?.state}`);
		if (!stage.isUndisturbed) return;
		const is = { ...(bake ? { bake: bake.state } : {}), ...(confirm ? { confirm: confirm.state } : {}) };
		if (JSON.stringify(is) !== JSON.stringify(state)) breach("the story ends as it is told", `${JSON.stringify(is)} came`);
	};

/** In whose telling it came to what comes in between: a fault may be faster. */
const disturbed = new WeakSet<object>();

/** Until nothing is under way, and nothing is on probation. */
async function untilTrusted(stage: Stage): Promise<void> {
	const { folder, until } = stage;
	await until(() => !isOpen(stage) && folder.store.listDeployments("hello", 1)[0]?.status !== "running");
}

function isOpen({ folder }: Stage): boolean {
	return folder.store.listOpenProbations("hello").length > 0;
}

function watched(commit: ModelCommit, request: DeploymentRequest = {}, happen: (stage: Stage, deploymentId: string) => unknown = () => {}) {
	return async (stage: Stage): Promise<void> => {
		const { folder, until } = stage;
		const { deploymentId } = await startFrom(stage, commit, request);
		await until(() => folder.store.findDeployment(deploymentId)?.status !== "running");
		if (isOpen(stage)) await stage.world.clock.sleep(7_000);
		if (isOpen(stage)) {
			await happen(stage, deploymentId);
			disturbed.add(folder);
		}
		await untilTrusted(stage);
	};
}

const withHand = (act: (hand: Hand, stage: Stage) => Promise<void>) => (stage: Stage) => act(new Hand(stage.world.cluster, "hello"), stage);

/** Of our own network: Docker and the edges cannot be reached from where deploymill runs, and users notice nothing. */
async function loseTheNetwork({ world }: Stage): Promise<void> {
	world.cluster.goAway(40_000);
	world.prober.broken.set("hello.test", "connect");
	await world.clock.sleep(40_000);
	world.prober.broken.delete("hello.test");
}

/** Few enough for every check. */
export const probations: Story[] = [
	{ name: "a bake that passes", prepare: running(baking("30s")), act: watched(good("two")), judge: isKept },
	{ name: "a bake that goes bad and is reverted", prepare: running(baking("60s")), act: watched(turning), judge: isTakenBack },
	{
		name: "a confirmation that nobody gives",
		prepare: running(notArmed),
		act: watched(good("two"), { confirmWithin }),
		judge: isTakenBack,
	},
];

export const otherProbations: Story[] = [
	{
		name: "a bake that goes bad and stays",
		prepare: running({ ...notArmed, ...baking("60s") }),
		act: watched(turning),
		judge: (stage, breach) => {
			const { outcome, bake, autoRollback } = newestDeploy(stage) ?? {};
			if (autoRollback?.attempted) breach("what is not armed is not reverted", `it is ${outcome}`);
			if (bake?.state === "failed" && outcome !== "live_unhealthy") breach("what failed its bake is unhealthy", `it is ${outcome}`);
			if (stage.isUndisturbed && bake?.state !== "failed") breach("the story ends as it is told", `failed was meant, ${bake?.state} came`);
		},
	},
	{
		name: "a bake that goes bad while a confirmation is waited for",
		prepare: running(baking("120s")),
		act: watched(turning, { confirmWithin: 60 }),
		judge: isTakenBack,
	},
	{
		name: "a confirmation that is given",
		prepare: running(),
		act: watched(good("two"), { confirmWithin }, ({ server }, id) => confirmDeployment(server.engine, id, "a story", undefined)),
		judge: (stage, breach) => {
			const { confirm, autoRollback, outcome } = newestDeploy(stage) ?? {};
			if (confirm?.state === "confirmed" && (autoRollback || outcome !== "live")) breach("what is confirmed stays", `it is ${outcome}`);
			if (stage.isUndisturbed && confirm?.state !== "confirmed") breach("the story ends as it is told", `${confirm?.state} came`);
		},
	},
	{
		name: "a rollback while a confirmation is waited for",
		prepare: running(baking("60s")),
		act: watched(good("two"), { confirmWithin }, ({ server }) => startRollback(server.engine, call, undefined, {})),
		judge: (stage, breach) => {
			const { bake, confirm } = newestDeploy(stage) ?? {};
			const is = `${bake?.state}, ${confirm?.state}`;
			if (stage.isUndisturbed && is !== "cut_short, superseded") breach("the story ends as it is told", `${is} came`);
		},
	},
	{
		name: "a deploy into a bake",
		prepare: running(baking("60s")),
		act: watched(good("two"), {}, async (stage) => {
			stage.world.repositories.commit(repoUrl, good("three"));
			await startDeploy(stage.server.engine, call, {});
		}),
		judge: ({ folder, isUndisturbed }, breach) => {
			const bakes = folder.store.listDeployments("hello", 2).map(({ bake }) => bake?.state);
			if (isUndisturbed && bakes.join() !== "passed,cut_short") breach("the story ends as it is told", `${bakes.join()} came`);
		},
	},
	{
		name: "a bake given another image by hand",
		prepare: running(baking("60s")),
		act: watched(turning, {}, withHand(givesFirstImage)),
		judge: isLeft({ bake: "cut_short" }),
		endsForeign: true,
	},
	{
		name: "a confirmation waited for while a hand gives another image",
		prepare: running(),
		act: watched(good("two"), { confirmWithin }, withHand(givesFirstImage)),
		judge: isLeft({ confirm: "superseded" }),
		endsForeign: true,
	},
	{
		name: "a bake given another env by hand",
		prepare: running(baking("60s")),
		act: watched(
			turning,
			{},
			withHand((hand) => hand.setEnv("MODE", "safe")),
		),
		judge: isLeft({ bake: "cut_short" }),
		endsForeign: true,
	},
	{
		name: "a bake scaled to nothing by hand",
		prepare: running(baking("60s")),
		act: watched(
			good("two"),
			{},
			withHand((hand) => hand.scale(0)),
		),
		judge: isLeft({ bake: "cut_short" }),
		endsForeign: true,
	},
	{
		name: "a bake labelled by hand",
		prepare: running(baking("30s")),
		act: watched(
			good("two"),
			{},
			withHand((hand) => hand.label()),
		),
		judge: isKept,
	},
	{
		name: "a bake while the wall clock is set forward by a day",
		prepare: running(baking("30s")),
		act: watched(good("two"), {}, ({ world }) => world.clock.jump(86_400_000)),
		judge: isKept,
	},
	{
		name: "a confirmation waited for while the wall clock is set back by an hour",
		prepare: running(),
		act: watched(good("two"), { confirmWithin }, ({ world }) => world.clock.jump(-3_600_000)),
		judge: isTakenBack,
	},
	{
		name: "a bake while deploymill's own network is away",
		prepare: running(baking("90s")),
		act: watched(good("two"), {}, loseTheNetwork),
		judge: isKept,
	},
];
