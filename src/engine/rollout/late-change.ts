// Finds out what became of a change of a service whose sender nobody hears of any more, and makes sure that it cannot come true later.
import type { ObservedService } from "../../model/service.ts";
import type { SwapJournal } from "../ports/store.ts";
import { ServiceChanged, type Swarm } from "../ports/swarm.ts";
import { revisionOf } from "../service/revision.ts";

/**
 * `came true`: the service is stamped with it, or tasks still are. `never will`: nothing was sent, or what was sent is out of sequence.
 * `not known`: the service is gone, or is another one by now, and so is what there was to see.
 */
export type Fate = "came true" | "never will" | "not known";

/** @param journal written before each change; absent: nothing was sent */
export async function fateOf(
	swarm: Swarm,
	{ serviceName, deploymentId }: { serviceName: string; deploymentId: string },
	journal: SwapJournal | undefined,
): Promise<Fate> {
	for (;;) {
		const [service, tasks] = await Promise.all([swarm.inspectService(serviceName), swarm.listTasks(serviceName)]);
		const stamps = [service && revisionOf(service).deploymentId, ...tasks.map(({ release }) => release?.deploymentId)];
		if (stamps.includes(deploymentId)) return "came true";
		const fate = withoutTrace(service, journal);
		if (fate !== "on its way") return fate;
		if (service) await raiseVersion(swarm, service);
	}
}

/** Of what is not to be seen. An update that names the service's version may still be on its way; an older one can come true no more. */
function withoutTrace(service: ObservedService | undefined, journal: SwapJournal | undefined): Fate | "on its way" {
	if (!journal) return "never will";
	// A create is refused by nothing but a service of its name.
	if (!service || journal.before === null) return "not known";
	if (journal.serviceId !== undefined && journal.serviceId !== service.id) return "not known";
	return service.version === journal.version ? "on its way" : "never will";
}

/** Puts on a service what it has, so that an update under way is out of sequence. */
async function raiseVersion(swarm: Swarm, { version, spec }: ObservedService): Promise<void> {
	try {
		await swarm.updateService(spec.Name, version, spec, undefined);
	} catch (error) {
		if (!(error instanceof ServiceChanged)) throw error;
	}
}
