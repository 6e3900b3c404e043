// Makes a release live and recorded as a deploy leaves it, in one step, for stories about what comes after.
import { endAsLive } from "../../../src/engine/pipeline/end.ts";
import { planSwap } from "../../../src/engine/rollout/swap.ts";
import { chooseGate } from "../../../src/engine/service/container-check.ts";
import type { Application } from "../../../src/model/application.ts";
import type { ReleaseImage } from "../../../src/model/deployment.ts";
import type { DataFolder } from "./data-folder.ts";
import type { SimulatedProcess } from "./process.ts";
import type { ModelCommit } from "./repositories.ts";
import type { World } from "./world.ts";

/** Longer than a task takes to replace another. */
const startMs = 2_000;
const leaseMs = 60_000;

export async function putLive(world: World, folder: DataFolder, { engine }: SimulatedProcess, commit: ModelCommit): Promise<void> {
	const { store } = folder;
	const application = store.listApplications()[0] as Application;
	const { applicationId, config, repoUrl } = application;
	world.repositories.commit(repoUrl, commit);
	const deploymentId = world.nextId("dep");
	const hold = { applicationId, deploymentId, owner: "before the story" };
	const newestSeen = store.listDeployments(applicationId, 1)[0]?.sequence ?? 0;
	store.beginDeployment(
		{ deploymentId, applicationId, kind: "deploy", request: {}, requestedBy: "before", facts: {} },
		newestSeen,
		leaseMs,
	);
	store.renewLock(hold, leaseMs);
	const image = makeAvailable(world, application, deploymentId, commit);
	const rollbackId = config.rollback.enabled ? world.nextId("rb") : undefined;
	if (rollbackId) store.createRollbackPoint(hold, { rollbackId, applicationId, deploymentId, image });
	const plan = await planSwap(engine, { application, deploymentId, image, gate: chooseGate(config, []) });
	const credentials = await engine.registry.credentials();
	if (plan.observed) await engine.swarm.updateService(applicationId, plan.observed.version, plan.spec, credentials);
	else await engine.swarm.createService(plan.spec, credentials);
	await world.clock.sleep(startMs);
	const url = `http://${config.domains[0]}`;
	const { path } = config.health;
	const edge = { url, path, verdict: "healthy", mode: "strict", status: 200, attempts: 2, latencyMs: 5 } as const;
	store.recordEdges(hold, deploymentId, [{ url, path, reached: true, healthyIn: "strict" }]);
	const facts = {
		image,
		fingerprint: plan.fingerprint,
		commit: world.repositories.newest(repoUrl),
		migrationFiles: [],
		probePrograms: [],
		envDigests: {},
		...(rollbackId ? { rollbackId } : {}),
	};
	store.finishDeployments(hold, [{ deploymentId, end: endAsLive({ verdict: "healthy", edges: [edge] }, facts) }]);
}

/** Built on the first node, and pushed where points are recorded. */
function makeAvailable(world: World, { applicationId, config }: Application, deploymentId: string, commit: ModelCommit): ReleaseImage {
	const image = world.repositories.imageOf(commit);
	const { images, node } = world.cluster.localAgent;
	if (!config.rollback.enabled) {
		images.tag(`deploymill/${applicationId}:${deploymentId}`, image);
		return { reference: image.imageId, digest: image.imageId, nodeId: node.id };
	}
	const repository = `${world.registry.host}/apps/${applicationId}`;
	const reference = `${repository}@${image.digest}`;
	world.registry.take(`${repository}:${deploymentId}`, image, world.registry.credentials);
	images.tag(`${repository}:${deploymentId}`, image);
	images.tag(reference, image);
	return { reference, digest: image.digest };
}
