// Deploys a commit (contract section 5): from the checkout to the verdict.
import { DeploymillError } from "../../errors.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { ensureAnotherImage } from "../history/ensure-returnable.ts";
import { planSwap } from "../rollout/swap.ts";
import { chooseGate, probeProgramPaths, probeProgramsIn } from "../service/container-check.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { factsOf } from "./commit-facts.ts";
import { endAsLive, endAsNotLive, type RunEnd } from "./end.ts";
import { ensureNotKnownBad } from "./known-bad.ts";
import { type ReleaseEnd, release } from "./release.ts";
import { type Deployed, revertIfDue } from "./revert.ts";
import type { Run } from "./run.ts";
import { endAsCancelled, endAsUnchanged, ensureNotOvertaken, enterRelease, runsAlready, takeBaseline } from "./stages.ts";

export async function deploy(engine: Engine, run: Run): Promise<RunEnd> {
	const { request, application } = run.values;
	const { imageId, commit, migrationFiles } = await checkOutAndBuild(engine, run);
	const [image, programs, baseline] = await sideBySide(run.signal, (signal) => [
		capture(engine, run, imageId, signal),
		lookIntoImage(engine, run, imageId),
		takeBaseline(engine, run),
	]);
	const gate = chooseGate(application.config, programs);
	const order = { application, deploymentId: run.deploymentId, image, commit, gate, ...(request.force ? { force: true } : {}) };
	const plan = await planSwap(engine, order);
	if (plan.same && !request.force && (await runsAlready(engine, plan))) return endAsUnchanged(engine, run, plan);
	ensureExpectedCurrent(request.expectedCurrent, plan.observed);
	if (!request.force) {
		ensureNotOvertaken(engine, run, plan);
		ensureNotKnownBad(engine.store, plan);
	}
	if (request.confirmWithin !== undefined) ensureAnotherImage(engine, application.applicationId, image.digest);
	if (!enterRelease(engine, run, plan, baseline)) return endAsCancelled(run);
	const end = await release(engine, run, plan, baseline);
	return concludeDeploy(engine, run, { digest: image.digest, migrationFiles }, end);
}

/** Also where a resumed deploy ends. */
export async function concludeDeploy(engine: Engine, run: Run, deployed: Deployed, end: ReleaseEnd): Promise<RunEnd> {
	if (!end.live) return endAsNotLive(end);
	run.record({ health: end.health, rolledOver: true });
	return (await revertIfDue(engine, run, deployed, end.health)) ?? endAsLive(end.health);
}

async function checkOutAndBuild(
	engine: Engine,
	run: Run,
): Promise<{ imageId: string; commit: string; migrationFiles: string[] | undefined }> {
	const { application, request } = run.values;
	run.enter("checkout");
	await using checkout = await engine.source.checkout(application.repoUrl, request.ref, run.signal);
	const { commit, ref, migrationFiles, warnings } = await factsOf(engine, checkout, application.config);
	run.record({ ref, commit, ...(migrationFiles ? { migrationFiles } : {}), ...(warnings.length > 0 ? { warnings } : {}) });
	run.say(`commit ${commit.sha}`);
	run.enter("build");
	const order = {
		directory: checkout.directory,
		build: application.config.build,
		tag: imageTag(engine, run),
		noCache: request.noCache ?? false,
	};
	const { imageId } = await engine.images.build(order, run.listener(), run.signal);
	run.say(`built ${imageId}`);
	return { imageId, commit: commit.sha, migrationFiles };
}

/** What fails first ends the others: a push must not go on and leave a rollback point of a deployment that is over. */
async function sideBySide<Results extends unknown[]>(
	stop: AbortSignal,
	start: (signal: AbortSignal) => [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
	const failed = new AbortController();
	try {
		return (await Promise.all(start(AbortSignal.any([stop, failed.signal])))) as Results;
	} catch (error) {
		failed.abort(error);
		throw error;
	}
}

/** Repository and tag that this deployment's image gets: the tag is unique, so that no later deploy moves it. */
function imageTag({ registry }: Engine, run: Run): string {
	const { application, deploymentId } = run;
	const repository = application.config.rollback.enabled
		? `${registryAddress(registry)}/${application.applicationId}`
		: `deploymill/${application.applicationId}`;
	return `${repository}:${deploymentId}`;
}

function registryAddress({ address }: Engine["registry"]): string {
	if (address) return address;
	throw new DeploymillError(
		"registry_not_configured",
		"The application records rollback points, but this server has no DEPLOYMILL_REGISTRY.",
	);
}

/** With rollback on: pushed, and a rollback point written. Off: runs by its id, on the node that has it. */
async function capture(engine: Engine, run: Run, imageId: string, signal: AbortSignal): Promise<ReleaseImage> {
	const { application, deploymentId } = run;
	if (!application.config.rollback.enabled) {
		const { localNodeId } = await engine.swarm.facts();
		const image: ReleaseImage = { reference: imageId, digest: imageId, nodeId: localNodeId };
		run.record({ image });
		return image;
	}
	run.enter("push");
	const tag = imageTag(engine, run);
	const { digest } = await engine.images.push(tag, await engine.registry.credentials(), run.listener(), signal);
	signal.throwIfAborted();
	const image: ReleaseImage = { reference: `${registryAddress(engine.registry)}/${application.applicationId}@${digest}`, digest };
	const rollbackId = engine.ids.next("rb");
	engine.store.createRollbackPoint(run.values.hold, { rollbackId, applicationId: application.applicationId, deploymentId, image });
	run.record({ image, rollbackId });
	run.say(`pushed ${image.reference}, rollback point ${rollbackId}`);
	return image;
}

/** Only where it decides something: reading an image's layers takes a while. */
async function lookIntoImage({ images }: Engine, run: Run, imageId: string): Promise<string[] | undefined> {
	const { config } = run.application;
	if (!config.healthDeclared || config.port === undefined) return undefined;
	const programs = probeProgramsIn(await images.findPaths(imageId, probeProgramPaths));
	run.record({ probePrograms: programs });
	return programs;
}
