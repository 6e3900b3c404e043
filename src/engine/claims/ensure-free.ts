// Refuses to change an application's service while it would reach into what is somebody else's.
import type { Application } from "../../model/application.ts";
import type { Store } from "../ports/store.ts";
import type { Swarm } from "../ports/swarm.ts";
import type { IngressSettings } from "../service/ingress-labels.ts";
import { findOwnService } from "./own-service.ts";
import { ensureRouteNameFree } from "./route-names.ts";
import { ensureVolumesFree } from "./volumes.ts";

/**
 * What was free at reconcile may be another's by now. To be asked under the application's lock.
 * @throws name_taken for a volume, host_taken for the name of a route
 */
export async function ensureClaimsFree(
	engine: { store: Store; swarm: Swarm; settings: { ingress: IngressSettings } },
	application: Application,
): Promise<void> {
	const { mounts, domains } = application.config;
	if (mounts.length + domains.length === 0) return;
	const services = await engine.swarm.listServices();
	const own = findOwnService(services, application.repoUrl, application.applicationId);
	ensureRouteNameFree(application, engine.settings.ingress, services, own);
	await ensureVolumesFree(engine, { repoUrl: application.repoUrl, application }, mounts, services);
}
