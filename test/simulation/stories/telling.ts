// Gives stories their parts: what was before, what is done, who or what comes in between, and how it is meant to end.
import { cancelDeployment } from "../../../src/engine/calls/cancel.ts";
import { startDeploy } from "../../../src/engine/calls/start-deploy.ts";
import { startRollback } from "../../../src/engine/calls/start-rollback.ts";
import { waitForEnd } from "../../../src/engine/calls/wait.ts";
import type { ApplicationConfig } from "../../../src/model/application.ts";
import type { Deployment, DeploymentRequest, Outcome, Phase } from "../../../src/model/deployment.ts";
import type { Stage, Story } from "../faults/story.ts";
import { stampOf } from "../rules/truth.ts";
import { isWanted } from "../swarm/records.ts";
import { Hand } from "../world/hand.ts";
import type { Fault, PortCall } from "../world/port-calls.ts";
import { putLive } from "../world/put-live.ts";
import type { ModelCommit } from "../world/repositories.ts";
import { type World, webConfig } from "../world/world.ts";

export const repoUrl = "https://git.test/hello.git";
export const call = { applicationId: "hello", requestedBy: "a story", requestId: undefined, reason: undefined };
const lookEveryMs = 4_000;

type Breach = (rule: string, how: string) => void;

export const good = (content: string): ModelCommit => ({ content, app: {} });
/** It runs, and users get errors. Nothing in the image could ask it, so that Swarm does not notice. */
export const ill: ModelCommit = { content: "ill", app: { status: 500 } };
export const crashing: ModelCommit = { content: "crashing", app: { ends: { afterMs: 400, exitCode: 1 } } };
/** Swarm's own health check finds out. */
export const sick: ModelCommit = { content: "sick", app: { status: 500 }, programs: ["wget"] };
/** It answers for a while after it was told to stop. */
export const slowToStop: ModelCommit = { content: "slow", app: { stopsAfterMs: 9_000 } };

export const withVolume: Partial<ApplicationConfig> = { mounts: [{ volumeName: "data", mountPath: "/data" }] };
export const nothingRecorded: Partial<ApplicationConfig> = { rollback: { enabled: false, auto: false } };
export const notArmed: Partial<ApplicationConfig> = { rollback: { enabled: true, auto: false } };

export function register(change: Partial<ApplicationConfig> = {}) {
	return async ({ folder }: Stage): Promise<void> => {
		folder.store.registerApplication(repoUrl, ["hello"], webConfig(change), "c1");
	};
}

/** One release runs, and was judged healthy. */
export function running(change: Partial<ApplicationConfig> = {}, commit = good("one")) {
	return async (stage: Stage): Promise<void> => {
		await register(change)(stage);
		await putLive(stage.world, stage.folder, stage.server, commit);
	};
}

/** And its configuration is another by now: what is put back is not what would be deployed. */
export function changedSince(prepare: Story["prepare"]): Story["prepare"] {
	return async (stage) => {
		await prepare(stage);
		stage.folder.store.changeEnv("hello", { set: { MODE: "new" }, unset: [], replace: false });
	};
}

export async function twice(stage: Stage): Promise<void> {
	await running()(stage);
	await putLive(stage.world, stage.folder, stage.server, good("two"));
}

export function deploy(commit: ModelCommit) {
	return async (stage: Stage): Promise<void> => {
		await untilOver(stage, await startFrom(stage, commit));
	};
}

export function startFrom(stage: Stage, commit: ModelCommit, request: DeploymentRequest = {}): Promise<Deployment> {
	stage.world.repositories.commit(repoUrl, commit);
	return startDeploy(stage.server.engine, call, request);
}

/** No node may take a new task until it is over. */
export function deployUnplaced(act: Story["act"]): Story["act"] {
	return async (stage) => {
		stage.world.cluster.pauseNodes(true);
		await act(stage);
	};
}

/** The same request, sent three times at once, and once more when it is over. */
export async function deployAgainAndAgain(stage: Stage): Promise<void> {
	stage.world.repositories.commit(repoUrl, good("two"));
	const request = () => startDeploy(stage.server.engine, { ...call, requestId: "the same" }, {});
	const begun = await Promise.allSettled([request(), request(), request()]);
	const [deployment] = begun.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
	if (deployment) await untilOver(stage, deployment);
	await request();
}

export function isOneDeployment({ folder, isUndisturbed }: Stage, breach: Breach): void {
	const asked = folder.store.listDeployments("hello", 10).filter(({ requestId }) => requestId === "the same");
	if (asked.length > 1) breach("one deployment a request", `${asked.length} have its id`);
	if (isUndisturbed && asked[0]?.outcome !== "live") breach("the story ends as it is told", `live was meant, ${asked[0]?.outcome} came`);
}

/** The client looks now and then, and so goes on with what a worker left. */
export function lookedAt(commit: ModelCommit) {
	return async (stage: Stage): Promise<void> => {
		const { deploymentId } = await startFrom(stage, commit);
		for (;;) {
			const { status } = await waitForEnd(stage.server.engine, deploymentId, { seconds: 0 });
			if (status !== "running") return;
			await stage.world.clock.sleep(lookEveryMs);
		}
	};
}

export async function rollBack(stage: Stage): Promise<void> {
	await untilOver(stage, await startRollback(stage.server.engine, call, undefined, {}));
}

export function cancelIn(phase: Phase) {
	return async (stage: Stage): Promise<void> => {
		const { deploymentId } = await startFrom(stage, good("two"));
		await stage.until(() => stage.folder.store.findDeployment(deploymentId)?.phase === phase);
		await cancelDeployment(stage.server.engine, deploymentId, "a story", undefined);
	};
}

export async function cancelRollback(stage: Stage): Promise<void> {
	const { deploymentId } = await startRollback(stage.server.engine, call, undefined, {});
	await cancelDeployment(stage.server.engine, deploymentId, "a story", undefined);
}

/** The worker that makes this call, at its `nth` time, ends with it. */
export function killedAfter(name: string, nth = 1) {
	return () => {
		let count = 0;
		return (made: PortCall): Fault | undefined => (made.name === name && ++count === nth ? { kind: "kill", when: "after" } : undefined);
	};
}

/** The worker ends with its `nth` probe in the gate: those before the swap are of what was live. */
export function killedInGate(nth = 1) {
	return () => {
		let isInGate = false;
		let count = 0;
		return ({ name, args }: PortCall): Fault | undefined => {
			if (name === "store.enterPhase") isInGate = args[2] === "health";
			return name === "prober.probe" && isInGate && ++count === nth ? { kind: "kill", when: "after" } : undefined;
		};
	};
}

export function withHand(act: (hand: Hand, stage: Stage) => Promise<void>) {
	return withAccident((stage) => act(new Hand(stage.world.cluster, "hello"), stage));
}

/** It happens a moment after the gate began. */
export function withAccident(happen: (stage: Stage) => unknown, commit = good("new")) {
	return async (stage: Stage): Promise<void> => {
		const deployment = await startFrom(stage, commit);
		await stage.until(() => stage.folder.store.findDeployment(deployment.deploymentId)?.phase === "health");
		await stage.world.clock.sleep(500);
		await happen(stage);
		await untilOver(stage, deployment);
	};
}

export function thenDeploy(act: Story["act"]): Story["act"] {
	return async (stage) => {
		await act(stage);
		await stage.world.clock.sleep(lookEveryMs + 1_000);
		await deploy(good("afterwards"))(stage);
	};
}

export async function givesFirstImage(hand: Hand, { folder }: Stage): Promise<void> {
	const first = folder.store.listDeployments("hello", 10).at(-1);
	await hand.setImage(first?.image?.reference ?? "");
}

/** Looks at the record, as a client does, when something is written into it. */
async function untilOver({ server, folder, until }: Stage, { deploymentId }: Deployment): Promise<void> {
	await until(() => folder.store.findDeployment(deploymentId)?.status !== "running");
	await waitForEnd(server.engine, deploymentId, { seconds: 0 });
}

/** What comes of it where nothing disturbs it. */
export function ends(outcome: Outcome): NonNullable<Story["judge"]> {
	return ({ folder, isUndisturbed }, breach) => {
		const [newest] = folder.store.listDeployments("hello", 1);
		if (isUndisturbed && newest?.outcome !== outcome)
			breach("the story ends as it is told", `${outcome} was meant, ${newest?.outcome} came`);
	};
}

/** Somebody else took it off the service: that says nothing against its image, which ran. */
export function endsAndKeepsItsPoint(outcome: Outcome): NonNullable<Story["judge"]> {
	return (stage, breach) => {
		ends(outcome)(stage, breach);
		const [newest] = stage.folder.store.listDeployments("hello", 1);
		const point = stage.folder.store.findRollbackPoint(newest?.rollbackId ?? "");
		if (stage.isUndisturbed && point?.unusableBecause !== undefined)
			breach("a usable point is kept", `${point.rollbackId} was given up: ${point.unusableBecause}`);
	};
}

/** Worlds in which it came to that. */
const emptied = new WeakSet<World>();

export async function scalesToZero(hand: Hand, { world }: Stage): Promise<void> {
	await hand.scale(0);
	emptied.add(world);
}

/** Whoever scaled it to zero wants it so: nothing is put back over that. */
export function isLeftAtZero({ world }: Stage, breach: Breach): void {
	if (!emptied.has(world)) return;
	for (const { spec } of world.cluster.raft.services.values()) {
		const { Replicas } = spec.Mode.Replicated;
		if (Replicas !== 0) breach("what a hand scaled to zero stays so", `it has ${Replicas} replicas`);
	}
}

export function isReverted({ world, folder, isUndisturbed }: Stage, breach: Breach): void {
	const bad = folder.store.listDeployments("hello", 10).find(({ sequence, kind }) => kind === "deploy" && sequence > 1);
	const runs = [...world.cluster.raft.tasks.values()].filter((task) => task.state === "running" && isWanted(task)).map(stampOf);
	if (bad && runs.includes(bad.deploymentId)) breach("an armed bad release is reverted", `${bad.deploymentId} is ${bad.outcome}, and runs`);
	if (isUndisturbed && bad?.outcome !== "rolled_back")
		breach("the story ends as it is told", `rolled_back was meant, ${bad?.outcome} came`);
}
