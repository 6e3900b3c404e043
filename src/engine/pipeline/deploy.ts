// Owns the story of a deploy (contract section 5), from the commit to the verdict.
import { DeploymillError } from "../../errors.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import type { Baseline } from "../../model/health.ts";
import { labels } from "../../model/service.ts";
import { edgeUrls, routeOf } from "../health/edges.ts";
import { probeBaseline, runGate } from "../health/gate.ts";
import { migrationFilesIn } from "../history/migration-gap.ts";
import type { Checkout } from "../ports/source.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import { runsAlone } from "../rollout/reading.ts";
import { type ReleaseEnd, release } from "../rollout/release.ts";
import { observeOwnService, planSwap, type SwapPlan } from "../rollout/swap.ts";
import { chooseGate, probeProgramPaths, probeProgramsIn } from "../service/container-check.ts";
import { releaseOf } from "../service/spec.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { driftWarnings } from "./config-drift.ts";
import { notLive } from "./end-of-release.ts";
import { ensureNotKnownBad } from "./known-bad.ts";
import { revertIfDue } from "./revert.ts";
import type { Run } from "./run.ts";

export async function deploy(run: Run): Promise<EndOfDeployment> {
	const imageId = await checkoutAndBuild(run);
	const [image, programs, baseline] = await sideBySide(run, (signal) => [
		capture(run, imageId, signal),
		lookIntoImage(run, imageId),
		takeBaseline(run),
	]);
	const gate = chooseGate(run.application.config, programs);
	const plan = await planSwap(run, image, gate, run.deployment.request.force);
	if (plan.same && !run.deployment.request.force && (await runsAlready(run, plan))) return unchanged(run, plan);
	ensureExpectedCurrent(run.deployment.request.expectedCurrent, releaseOf(plan.observed));
	if (!run.deployment.request.force) ensureNotKnownBad(run, plan);
	if (!enterRelease(run, plan)) return cancelled(run);
	const end = await release(run, plan, baseline);
	return conclude(run, end);
}

/** Also where a resumed deploy ends. */
export async function conclude(run: Run, end: ReleaseEnd): Promise<EndOfDeployment> {
	if (!end.live) return notLive(run, end);
	const { verdict } = end.health;
	run.record({ health: end.health, rolledOver: true });
	const revert = await revertIfDue(run, end.health);
	if (revert) return revert;
	return { status: "done", outcome: verdict === "unhealthy" ? "live_unhealthy" : "live", verdict };
}

async function checkoutAndBuild(run: Run): Promise<string> {
	const { engine, application } = run;
	run.enter("checkout");
	await using checkout = await engine.source.checkout(application.repoUrl, run.deployment.request.ref, run.signal);
	run.record({ ref: checkout.ref, commit: checkout.commit, migrationFiles: await migrationFiles(run, checkout) });
	const warnings = await driftWarnings(checkout, application.config);
	if (warnings.length > 0) run.record({ warnings });
	run.say(`commit ${checkout.commit.sha} of ${checkout.ref}`);
	run.enter("build");
	const order = {
		directory: checkout.directory,
		build: application.config.build,
		tag: imageTag(run),
		noCache: run.deployment.request.noCache ?? false,
	};
	const { imageId } = await engine.images.build(order, run.listener(), run.signal);
	run.say(`built ${imageId}`);
	return imageId;
}

async function migrationFiles(run: Run, checkout: Checkout): Promise<string[]> {
	const files = migrationFilesIn(await checkout.listFiles(), run.application.config.migrations);
	// A file's name is whatever somebody pushed.
	return files.map((file) => run.engine.untrusted.line(file, longestFile));
}

/** A path as long as Linux has them, and a blob's id. */
const longestFile = 5000;

/** What fails first ends the others: a push must not go on and leave a rollback point of a deployment that is over. */
async function sideBySide<Results extends unknown[]>(
	run: Run,
	start: (signal: AbortSignal) => [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
	const failed = new AbortController();
	try {
		return (await Promise.all(start(AbortSignal.any([run.signal, failed.signal])))) as Results;
	} catch (error) {
		failed.abort(error);
		throw error;
	}
}

/** Repository and tag that this deployment's image gets: the tag is unique, so that no later deploy moves it. */
function imageTag(run: Run): string {
	const { application, deploymentId } = run;
	const repository = application.config.rollback.enabled
		? `${registryAddress(run)}/${application.applicationId}`
		: `deploymill/${application.applicationId}`;
	return `${repository}:${deploymentId}`;
}

function registryAddress(run: Run): string {
	const { address } = run.engine.registry;
	if (address) return address;
	throw new DeploymillError(
		"registry_not_configured",
		"The application records rollback points, but this server has no DEPLOYMILL_REGISTRY.",
	);
}

/** With rollback on: pushed, and a rollback point written. Off: runs by its id, on the node that has it. */
async function capture(run: Run, imageId: string, signal: AbortSignal): Promise<ReleaseImage> {
	const { engine, application, deploymentId } = run;
	if (!application.config.rollback.enabled) {
		const { localNodeId } = await engine.swarm.facts();
		const image: ReleaseImage = { reference: imageId, digest: imageId, nodeId: localNodeId };
		run.record({ image });
		return image;
	}
	run.enter("push");
	const tag = imageTag(run);
	const { digest } = await engine.images.push(tag, await engine.registry.credentials(), run.listener(), signal);
	signal.throwIfAborted();
	const image: ReleaseImage = { reference: `${registryAddress(run)}/${application.applicationId}@${digest}`, digest };
	const rollbackId = engine.ids.next("rb");
	engine.store.createRollbackPoint({ rollbackId, applicationId: application.applicationId, deploymentId, image });
	run.record({ image, rollbackId });
	run.say(`pushed ${image.reference}, rollback point ${rollbackId}`);
	return image;
}

/** Only where it decides something: reading an image's layers takes a while. */
async function lookIntoImage(run: Run, imageId: string): Promise<string[] | undefined> {
	const { config } = run.application;
	if (!config.healthDeclared || config.port === undefined) return undefined;
	const programs = probeProgramsIn(await run.engine.images.findPaths(imageId, probeProgramPaths));
	run.record({ probePrograms: programs });
	return programs;
}

/** Before the swap, so that what was broken already is not blamed on the release. */
export async function takeBaseline(run: Run): Promise<Baseline> {
	const { engine, application } = run;
	const urls = edgeUrls(application, engine.settings.ingress.edgeScheme);
	const service = await observeOwnService(engine, application.applicationId, application.repoUrl);
	const past = engine.store.listDeployments(application.applicationId, 200);
	const baseline = await probeBaseline(
		engine.prober,
		urls,
		application.config.health,
		(url) => routeOf(service, url, past, engine.clock.now()),
		run.signal,
	);
	run.record({ baseline });
	return baseline;
}

/** The point of no return: from here on a cancel is refused. False when one came first. */
export function enterRelease(run: Run, plan: SwapPlan): boolean {
	// By its label alone: also a service that was given another image by hand was there before, and is never to be removed.
	const replaced = plan.observed?.spec.Labels[labels.deployment];
	run.record({
		image: plan.image,
		fingerprint: plan.fingerprint,
		envDigests: run.engine.store.digestEnv(run.application.applicationId),
		...(replaced ? { replaced } : {}),
	});
	run.signal.throwIfAborted();
	const entered = run.engine.store.enterRelease(run.deploymentId);
	if (entered) run.say("== release");
	return entered;
}

export function cancelled(run: Run): EndOfDeployment {
	const { cancelRequested, rollbackId } = run.deployment;
	if (rollbackId) run.engine.store.markUnusable(rollbackId, "its deployment was cancelled before it ran");
	run.say(`cancelled by ${cancelRequested?.by ?? "nobody"}`);
	return { status: "cancelled", outcome: "cancelled", facts: { rolledOver: false } };
}

/** The spec alone proves nothing: its tasks must run, all of them. */
export async function runsAlready(run: Run, plan: SwapPlan): Promise<boolean> {
	const live = releaseOf(plan.observed);
	if (!live) return false;
	const tasks = await run.engine.swarm.listTasks(run.application.applicationId);
	return runsAlone(tasks, live.deploymentId, run.application.config.replicas);
}

/** Nothing was swapped; how the app is now is still told, and never acted on. */
export async function unchanged(run: Run, plan: SwapPlan): Promise<EndOfDeployment> {
	const { engine, application } = run;
	run.say("the image and the configuration are those that run: nothing to swap");
	run.enter("health");
	const urls = edgeUrls(application, engine.settings.ingress.edgeScheme);
	const { baseline = {} } = run.deployment;
	const health = await runGate({
		prober: engine.prober,
		clock: engine.clock,
		urls,
		policy: application.config.health,
		baseline,
		signal: run.signal,
	});
	const live = releaseOf(plan.observed);
	return {
		status: "done",
		outcome: "unchanged",
		verdict: health.verdict,
		facts: {
			health,
			rolledOver: false,
			rolloverNote: `The image and the configuration are those of ${live?.deploymentId}, whose tasks run on.`,
		},
	};
}
