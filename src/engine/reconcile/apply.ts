// Applies a reconcile's plan: decides and records in one transaction, then changes the labels of the service. All of it, or nothing.
import { errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { DeploymentFacts } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { endAs } from "../pipeline/end.ts";
import { digestsOf } from "../service/digests.ts";
import type { Adoption } from "./adoption.ts";
import type { Planned } from "./plan.ts";
import { reroute } from "./routing.ts";
import type { Wish } from "./subject.ts";

/** Records what was planned. To be called in the transaction that planned it. */
export function record(ports: Pick<Engine, "store" | "ids">, wish: Wish, planned: Planned, requestedBy: string): Application {
	const now = recordConfig(ports, wish, planned);
	if (planned.adoption) takeOver(ports, now, planned.adoption, requestedBy);
	return now;
}

function recordConfig(
	{ store }: Pick<Engine, "store">,
	{ repoUrl, commit }: Wish,
	{ application, applicationId, repository, plan, config }: Planned,
): Application {
	if (!application) return store.registerApplication(repoUrl, [applicationId], config, commit.sha, repository);
	if (plan.steps.length > 0) store.updateConfig(applicationId, config, commit.sha);
	return { ...application, config, configCommit: commit.sha };
}

const takenOverNote = "It ran when this data folder took the application over. Nobody judged it here.";

/** The env vars, and what runs as a deployment. Its digests are of what the service has: what differs by now was changed from here. */
function takeOver(
	{ store, ids }: Pick<Engine, "store" | "ids">,
	{ applicationId, config }: Application,
	{ env, release, setup }: Adoption,
	requestedBy: string,
): void {
	if (Object.keys(env).length > 0) store.changeEnv(applicationId, { set: env, unset: [], replace: false });
	if (!release) return;
	const { image, hasPoint, source } = release;
	const { hosts: domains, mounts, replicas } = setup;
	const rollbackId = hasPoint ? ids.next("rb") : undefined;
	const facts: DeploymentFacts = {
		image,
		rolloverNote: takenOverNote,
		...(rollbackId ? { rollbackId } : {}),
		...(source.state === "read" ? { commit: source.commit } : {}),
		...(source.state === "read" && source.migrationFiles ? { migrationFiles: source.migrationFiles } : {}),
		...digestsOf(store, setup.env, { ...config, domains, mounts, replicas }),
	};
	store.recordAdopted({
		deploymentId: release.deploymentId ?? ids.next("dep"),
		applicationId,
		requestedBy,
		reason: "found on the Swarm by reconcile_project",
		end: endAs("live", facts),
		...(rollbackId ? { point: { rollbackId, image } } : {}),
	});
}

/**
 * Changes the labels where a step says so. Where that fails, what was recorded before is written back.
 * @param ensureHeld makes sure that this process still holds the application. @throws LockLost
 * @throws host_taken for the name of a route, docker_unreachable, swarm_not_ready
 */
export async function route(
	engine: Pick<Engine, "store" | "swarm" | "settings" | "clock" | "log">,
	{ reroutes, application: before }: Planned,
	now: Application,
	ensureHeld: () => void,
): Promise<void> {
	if (!reroutes) return;
	try {
		await reroute(engine, now, ensureHeld);
	} catch (fault) {
		if (before) writeBack(engine, before, ensureHeld);
		throw fault;
	}
}

/** What cannot be written back is mended by the next reconcile, which compares the labels with the record. */
function writeBack(
	{ store, log }: Pick<Engine, "store" | "log">,
	{ applicationId, config, configCommit }: Application,
	ensureHeld: () => void,
): void {
	try {
		store.decide(() => {
			ensureHeld();
			store.updateConfig(applicationId, config, configCommit);
		});
	} catch (error) {
		log.warn({ applicationId, error: errorMessage(error) }, "a configuration whose labels could not be set was not written back");
	}
}
