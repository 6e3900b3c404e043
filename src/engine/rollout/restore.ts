// Puts back what ran before a release that did not come up, where Swarm did not, and reports what was seen, not what was asked for.
import type { ObservedService, ServiceSpec } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { isTransient, patienceTold, waitOut } from "../patience.ts";
import { ServiceChanged } from "../ports/swarm.ts";
import { isSameRevision, type Revision, replicasOf, revisionOf, runsAlone } from "../service/revision.ts";
import { EndedTasks, endedTooOften } from "./ended-tasks.ts";
import { pullCredentials } from "./swap.ts";

const restoredWithinMs = 60_000;
const againAfterMs = 1_000;

export const leftAlone = "The service was changed since, and not by this deployment. It was left as it is.";

export interface Restoring {
	serviceName: string;
	/** What is to be taken off the service. */
	ours: Revision;
	/** The very spec that was there before; null where there was no service. */
	before: ServiceSpec | null;
	signal: AbortSignal;
	say: (text: string) => void;
	/** Makes sure that this process still holds the application. @throws LockLost */
	ensureHeld: () => void;
}

/** One sentence on what became of it. Goes on until Swarm shows it: an answer that is lost is no end. */
export async function restore(engine: Engine, order: Restoring): Promise<string> {
	const { clock } = engine;
	const patience = patienceTold(clock, order, "waiting for Swarm");
	for (;;) {
		const now = await waitOut(patience, () => engine.swarm.inspectService(order.serviceName));
		if (!now) return goneWords(order);
		const end = await endOf(engine, order, now);
		if (end !== undefined) return end;
		order.ensureHeld();
		const fault = await attempt(engine, order, now);
		if (fault === undefined || fault instanceof ServiceChanged) continue;
		patience.onFault(fault);
		await clock.sleep(againAfterMs, order.signal);
	}
}

function goneWords({ before }: Restoring): string {
	return before
		? "The service was removed by somebody else; nothing was put back."
		: "There was no service before it: nothing was there to put back, and the service that was made for it is gone.";
}

/** Undefined: the release is still on the service. */
async function endOf(engine: Engine, order: Restoring, now: ObservedService): Promise<string | undefined> {
	const { ours, before } = order;
	const current = revisionOf(now);
	// Whoever scaled it to zero wants nothing to run.
	if (isSameRevision(current, ours)) return replicasOf(now) === 0 ? leftAlone : undefined;
	const isBack = before !== null && isSameRevision(current, revisionOf({ spec: before }));
	return isBack ? observeRestored(engine, order, now) : leftAlone;
}

async function attempt({ swarm, registry }: Engine, order: Restoring, now: ObservedService): Promise<unknown> {
	const { serviceName, before } = order;
	try {
		if (!before) await swarm.removeService(now.id);
		else {
			const reference = before.TaskTemplate.ContainerSpec.Image;
			await swarm.updateService(serviceName, now.version, before, await pullCredentials(registry, { reference }));
		}
		return undefined;
	} catch (error) {
		if (error instanceof ServiceChanged || isTransient(error)) return error;
		throw error;
	}
}

async function observeRestored({ swarm, clock }: Engine, order: Restoring, service: ObservedService): Promise<string> {
	const { serviceName, signal } = order;
	const patience = patienceTold(clock, order, "waiting for Swarm");
	const revision = revisionOf(service);
	const replicas = replicasOf(service);
	if (replicas === 0) return "The previous release was put back, scaled to zero as it was: no task of it is to run.";
	let ended: EndedTasks | undefined;
	const deadline = clock.monotonic() + restoredWithinMs;
	while (clock.monotonic() < deadline) {
		const tasks = await waitOut(patience, () => swarm.listTasks(serviceName));
		if (runsAlone(tasks, revision, replicas)) return "The previous release was put back; its tasks run.";
		ended ??= EndedTasks.since(tasks, revision);
		ended.note(tasks);
		if (ended.mostInOneReplica >= endedTooOften) return "The previous release was put back on the service, but its tasks keep ending.";
		await swarm.waitForChange(serviceName, 200, signal);
		signal.throwIfAborted();
	}
	return `The previous release was put back on the service, but its tasks were not seen to run within ${restoredWithinMs / 1000} s.`;
}
