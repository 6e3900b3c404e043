// Does what a plan says is done in a world: the calls of clients, the hands of operators, and accidents.
import { cancelDeployment } from "../../../src/engine/calls/cancel.ts";
import { confirmDeployment } from "../../../src/engine/calls/confirm.ts";
import { startDeploy } from "../../../src/engine/calls/start-deploy.ts";
import { startRollback } from "../../../src/engine/calls/start-rollback.ts";
import { waitForEnd } from "../../../src/engine/calls/wait.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { labels } from "../../../src/model/service.ts";
import { Hand } from "../world/hand.ts";
import type { Act } from "./plan.ts";
import { adopt, foreignReference, type Home, homeOf, newestOf, newServer, type Stage } from "./stage.ts";

type Of<Name extends Act["do"]> = Extract<Act, { do: Name }>;
type Actors = { [Name in Act["do"]]: (stage: Stage, act: Of<Name>) => unknown };

/** The shortest that can be asked for. */
const confirmWithin = 30;

const actors: Actors = {
	async deploy(stage, { folder, app, confirm, again, force }) {
		const home = homeOf(stage, folder);
		home.commit(app);
		const request = { ...(confirm ? { confirmWithin } : {}), ...(force ? { force } : {}) };
		const call = { ...callOf(home), requestId: again ? `again ${app}` : undefined };
		const start = () => startDeploy(serverOf(stage, home).engine, call, request);
		const begun = await Promise.allSettled(again ? [start(), start()] : [start()]);
		judgeSame(home, begun);
		for (const one of begun) if (one.status === "rejected") throw one.reason;
	},
	async "roll back"(stage, { folder, named }) {
		const home = homeOf(stage, folder);
		const points = home.folder.store.listRollbackPoints(home.applicationId);
		await startRollback(serverOf(stage, home).engine, callOf(home), named ? points.at(-1)?.rollbackId : undefined, {});
	},
	async cancel(stage, { folder }) {
		const home = homeOf(stage, folder);
		const newest = newestOf(home);
		if (newest) await cancelDeployment(serverOf(stage, home).engine, newest.deploymentId, "a client", undefined);
	},
	async confirm(stage, { folder }) {
		const home = homeOf(stage, folder);
		const newest = newestOf(home);
		if (newest) await confirmDeployment(serverOf(stage, home).engine, newest.deploymentId, "a client", undefined);
	},
	async look(stage, { folder }) {
		const home = homeOf(stage, folder);
		const newest = newestOf(home);
		if (newest) await waitForEnd(serverOf(stage, home).engine, newest.deploymentId, { seconds: 5 });
	},
	adopt: (stage, { folder }) => adopt(homeOf(stage, folder)),
	"set env"(stage, { folder, value }) {
		const { store } = homeOf(stage, folder).folder;
		store.changeEnv(homeOf(stage, folder).applicationId, { set: { MODE: String(value) }, unset: [], replace: false });
	},
	"hand labels": (stage, { folder }) => handOf(stage, folder).label(),
	"hand rolls back": (stage, { folder }) => handOf(stage, folder).rollBack(),
	"hand removes": (stage, { folder }) => handOf(stage, folder).remove(),
	"hand scales": (stage, { folder, to }) => handOf(stage, folder).scale(to),
	"hand sets env": (stage, { folder }) => handOf(stage, folder).setEnv("BY_HAND", "yes"),
	async "hand sets image"(stage, { folder, which }) {
		const home = homeOf(stage, folder);
		const { host } = stage.world.registry;
		const earlier = home.folder.store.listDeployments(home.applicationId, 50).findLast(({ image }) => image)?.image?.reference;
		const references = { earlier, foreign: foreignReference(stage.world), missing: `${host}/foreign@sha256:${"0".repeat(64)}` };
		const reference = references[which];
		if (reference) await handOf(stage, folder).setImage(reference);
	},
	"volume is taken"(stage, { folder }) {
		// Somebody made it anew, for an application of another repository.
		stage.world.cluster.volumes.set(`${homeOf(stage, folder).applicationId}-data`, { [labels.repository]: "another" });
	},
	"clock jumps": ({ world }, { byMs }) => world.clock.jump(byMs),
	"leader changes": ({ world }, { forMs }) => world.cluster.changeLeader(forMs),
	"engine restarts": ({ world }, { forMs }) => world.cluster.restartEngine(forMs),
	"docker is away": ({ world }, { forMs }) => world.cluster.goAway(forMs),
	"network is away"({ world, homes }, { forMs }) {
		world.cluster.goAway(forMs);
		for (const { applicationId } of homes) world.prober.broken.set(`${applicationId}.test`, "connect");
		world.clock.after(forMs, () => world.prober.broken.clear());
	},
	"nodes are paused"({ world }, { forMs }) {
		world.cluster.pauseNodes(true);
		world.clock.after(forMs, () => world.cluster.pauseNodes(false));
	},
	"registry is away"({ world: { registry, clock } }, { how, forMs }) {
		registry.state = how;
		clock.after(forMs, () => {
			registry.state = "up";
		});
	},
	"receiver is away"({ world: { receiver, clock } }, { how, forMs }) {
		receiver.state = how;
		clock.after(forMs, () => {
			receiver.state = "up";
		});
	},
	"node is lost"({ world: { cluster, clock } }, { node, forMs }) {
		// The first one is the endpoint's.
		const agent = cluster.agents[node];
		if (!agent) return;
		cluster.loseNode(agent);
		clock.after(forMs, () => cluster.findNode(agent));
	},
	"image is lost"({ world: { registry }, homes: [home] }, { which }) {
		const point = home?.folder.store.listRollbackPoints(home.applicationId).at(-1 - which);
		if (point) registry.forget(point.image.reference);
	},
};

/** Of one request: nobody is told that another deployment is in its way. */
function judgeSame({ witness }: Home, answers: PromiseSettledResult<Deployment>[]): void {
	const ids = new Set(answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.deploymentId] : [])));
	const inItsWay = answers.some((answer) => answer.status === "rejected" && answer.reason.code === "deploy_in_progress");
	if (ids.size > 1 || (ids.size === 1 && inItsWay))
		witness.breach("same request, same deployment", `it was ${[...ids].join(", ")}${inItsWay ? ", and refused" : ""}`);
}

/** @throws what refuses a call */
export async function perform(stage: Stage, act: Act): Promise<void> {
	const actor = actors[act.do] as (stage: Stage, act: Act) => unknown;
	await actor(stage, act);
}

function callOf({ applicationId, name }: Home) {
	return { applicationId, requestedBy: `${name}'s client`, requestId: undefined, reason: undefined };
}

/** A client whose server ended starts another. */
function serverOf(stage: Stage, home: Home) {
	if (home.server.life.isKilled) home.server = newServer(stage, home, home.witness);
	return home.server;
}

function handOf(stage: Stage, folder: 0 | 1): Hand {
	return new Hand(stage.world.cluster, homeOf(stage, folder).applicationId);
}
