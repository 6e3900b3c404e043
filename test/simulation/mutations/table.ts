// Lists deliberate faults of the engine and its ports, each with the rule that worlds have to notice it by.
import { DeploymillError } from "../../../src/errors.ts";
import type { Application } from "../../../src/model/application.ts";
import type { AutoRollback, Deployment, DeploymentFacts } from "../../../src/model/deployment.ts";
import type { Probation } from "../../../src/model/probation.ts";
import { labels, type ObservedService, type ObservedTask, type ServiceSpec } from "../../../src/model/service.ts";
import type { CallObserver, PortCall } from "../world/port-calls.ts";
import { oneRelease } from "../worlds/kept.ts";
import type { WorldPlan } from "../worlds/plan.ts";

type Make = (...args: unknown[]) => unknown;

export interface Mutation {
	/** What is wrong, in words. */
	name: string;
	/** Any of these has to be broken. */
	rules: string[];
	around: NonNullable<CallObserver["around"]>;
	/** It comes to light in this one, and hardly by chance. */
	world?: WorldPlan;
}

/** Changes calls of this name alone. */
function at(name: string, change: (make: Make, call: PortCall) => unknown): Mutation["around"] {
	return (call, make) => (call.name === name ? change(make, call) : make(...call.args));
}

function after<Result>(name: string, change: (result: Result, call: PortCall) => unknown): Mutation["around"] {
	return at(name, async (make, call) => change((await make(...call.args)) as Result, call));
}

function afterNow<Result>(name: string, change: (result: Result) => unknown): Mutation["around"] {
	return at(name, (make, call) => change(make(...call.args) as Result));
}

export const mutations: readonly Mutation[] = [
	{
		name: "nobody goes on after a worker that died",
		rules: ["nothing is left running"],
		around: at("store.listAbandoned", () => []),
	},
	{
		name: "every answer of an edge is taken for a good one of the app",
		rules: ["healthy is said only of what answers well"],
		around: at("prober.probe", async (make, call) => {
			const { asHost } = call.args[0] as { asHost?: string };
			const answer = (await make(...call.args)) as { status?: number };
			return asHost ? answer : { ...answer, status: 200, heard: { headers: {}, body: "", bodyCut: false } };
		}),
	},
	{
		name: "every answer of the app is taken for a bad one",
		rules: ["what answers well is not called unhealthy"],
		around: at("prober.probe", async (make, call) => {
			const answer = (await make(...call.args)) as { status?: number };
			return answer.status === 200 ? { ...answer, status: 500 } : answer;
		}),
	},
	{
		name: "a push answers and has not pushed",
		rules: ["a point exists only after its push"],
		around: at("images.push", async () => ({ digest: `sha256:${"1".repeat(64)}` })),
	},
	{
		name: "tasks of other releases are not looked at",
		rules: ["live means that it runs, alone", "unchanged means that it runs, alone"],
		around: after<ObservedTask[]>("swarm.listTasks", (tasks) => {
			const newest = tasks[0]?.release?.deploymentId;
			return tasks.filter(({ release }) => release?.deploymentId === newest);
		}),
	},
	{
		name: "a registry that lost nothing is said to have lost an image",
		rules: ["a usable point is kept"],
		around: at("registry.checkManifest", async () => {
			throw new DeploymillError("image_missing", "The image is not in the registry.");
		}),
	},
	{
		name: "an earlier request of the same id is not known",
		rules: ["same request, same deployment", "one deployment a request"],
		around: (call, make) => {
			if (call.name === "store.findByRequestId") return undefined;
			if (call.name !== "store.beginDeployment") return make(...call.args);
			const [{ requestId: _forgotten, ...deployment }, ...rest] = call.args as [{ requestId?: string }];
			return make(deployment, ...rest);
		},
	},
	{
		name: "an event is called sent before anybody has it",
		rules: ["no event is lost"],
		around: at("receiver.post", async () => ({ taken: true })),
	},
	{
		name: "a bake is over ten seconds too early",
		rules: ["never trusted before its time"],
		around: afterNow<Probation | undefined>("store.findProbation", (probation) =>
			probation?.bakeEndsMs === undefined ? probation : { ...probation, bakeEndsMs: probation.bakeEndsMs - 10_000 },
		),
	},
	{
		name: "a confirmation is over ten seconds too early",
		rules: ["never taken back before its time"],
		around: afterNow<Probation | undefined>("store.findProbation", (probation) =>
			probation?.confirmEndsMs === undefined ? probation : { ...probation, confirmEndsMs: probation.confirmEndsMs - 10_000 },
		),
	},
	{
		name: "what is put back is made from today's env",
		rules: ["what is put back is what it was"],
		around: at("swarm.updateService", (make, call) => {
			const [name, version, sent, credentials] = call.args as [string, number, ServiceSpec, unknown];
			const spec = structuredClone(sent);
			const stamp = spec.Labels[labels.deployment] ?? "";
			if (!call.process.endsWith(` ${stamp}`))
				spec.TaskTemplate.ContainerSpec.Env = [...(spec.TaskTemplate.ContainerSpec.Env ?? []), "MODE=new"];
			return make(name, version, spec, credentials);
		}),
	},
	{
		name: "every earlier deployment is taken for a healthy one",
		world: {
			setup: { ...oneRelease, begins: "nothing" },
			acts: [
				{ afterMs: 0, act: { do: "deploy", folder: 0, app: "ill" } },
				{ when: "is over", afterMs: 0, act: { do: "deploy", folder: 0, app: "shut" } },
			],
			faults: [],
			turns: 0,
		},
		rules: ["never reverted to an image judged unhealthy"],
		around: afterNow<Deployment[]>("store.listDeployments", (deployments) =>
			deployments.map((deployment) => (deployment.verdict === "unhealthy" ? { ...deployment, verdict: "healthy" } : deployment)),
		),
	},
	{
		name: "auto-rollback is never armed",
		rules: ["an armed bad release is reverted"],
		around: afterNow<Application | undefined>(
			"store.findApplication",
			(application) => application && { ...application, config: { ...application.config, rollback: { enabled: true, auto: false } } },
		),
	},
	{
		name: "a revert that was begun is forgotten by whoever goes on",
		world: {
			setup: oneRelease,
			acts: [{ afterMs: 0, act: { do: "deploy", folder: 0, app: "ill" } }],
			faults: [{ name: "store.beginRevert", nth: 1, which: "killed after" }],
			turns: 0,
		},
		rules: ["one revert a deployment"],
		around: afterNow<Deployment | undefined>("store.findDeployment", (deployment) => {
			if (deployment?.status !== "running" || !deployment.autoRollback?.deploymentId) return deployment;
			const { autoRollback: _forgotten, ...rest } = deployment as Deployment & { autoRollback: AutoRollback };
			return rest;
		}),
	},
	{
		name: "whoever settles does not look at what runs",
		rules: ["what is said not to be live is not", "not swapped means that it never ran", "what is recorded as not live does not run"],
		around: (call, make) => {
			if (!call.process.endsWith("onlooker")) return make(...call.args);
			if (call.name === "swarm.listTasks") return Promise.resolve([]);
			if (call.name === "store.readSwapJournal") return undefined;
			return call.name === "swarm.inspectService" ? withoutStamp(make(...call.args)) : make(...call.args);
		},
	},
	{
		name: "tasks that ended are not looked at",
		rules: ["nobody waits until a deadline for what is certain"],
		around: after<ObservedTask[]>("swarm.listTasks", (tasks) => tasks.filter(({ state }) => state !== "failed" && state !== "rejected")),
	},
	{
		name: "an update is sent at any version",
		rules: [
			"what somebody else put there is never taken back",
			"one swap a deployment",
			"what is said not to be live does not come to run",
		],
		around: (call, make) => (call.name === "swarm.updateService" ? atAnyVersion(call, make) : make(...call.args)),
	},
	{
		name: "the end of a deployment leaves its release unrecorded",
		rules: ["what is reported live is what runs, or something else is said to be there"],
		around: at("store.finishDeployments", (make, call) => {
			const [hold, ends] = call.args as [unknown, { deploymentId: string; end: { facts?: DeploymentFacts } }[]];
			return make(
				hold,
				ends.map(({ deploymentId, end }) => ({ deploymentId, end: { ...end, facts: { ...end.facts, rolledOver: false } } })),
			);
		}),
	},
	{
		name: "what a hand left is not looked at before a revert",
		rules: ["what somebody else put there is never taken back"],
		around: (call, make) => (call.name === "swarm.inspectService" ? asNobodyElseChanged(call, make) : make(...call.args)),
	},
];

async function withoutStamp(found: unknown): Promise<unknown> {
	const service = structuredClone((await found) as ObservedService | undefined);
	if (service) {
		const { [labels.deployment]: _service, ...serviceLabels } = service.spec.Labels;
		const { [labels.deployment]: _task, ...taskLabels } = service.spec.TaskTemplate.ContainerSpec.Labels;
		service.spec.Labels = serviceLabels;
		service.spec.TaskTemplate.ContainerSpec.Labels = taskLabels;
	}
	return service;
}

/** As if Swarm did not refuse it: the newest version is looked up right before. */
async function atAnyVersion(call: PortCall, make: Make): Promise<unknown> {
	const [name, version, spec, credentials] = call.args as [string, number, ServiceSpec, unknown];
	for (let newer = version; ; newer++) {
		try {
			return await make(name, newer, spec, credentials);
		} catch (error) {
			if (!(error instanceof Error && error.message.includes("out of sequence")) || newer > version + 300) throw error;
		}
	}
}

/** Replicas that a hand set are not seen. */
async function asNobodyElseChanged(call: PortCall, make: Make): Promise<unknown> {
	const service = structuredClone((await make(...call.args)) as ObservedService | undefined);
	if (service?.spec.Mode.Replicated.Replicas === 0) service.spec.Mode.Replicated.Replicas = 1;
	return service;
}
