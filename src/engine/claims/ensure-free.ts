// Refuses to change an application's service while it would reach into what is somebody else's.
import { isHostName, isLoopbackName } from "../../config/host-name.ts";
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Store } from "../ports/store.ts";
import type { Swarm } from "../ports/swarm.ts";
import type { IngressSettings } from "../service/ingress-labels.ts";
import { findOwnService } from "./own-service.ts";
import { ensureRouteNameFree } from "./route-names.ts";
import { ensureVolumesFree, inspectVolumes } from "./volumes.ts";

/**
 * What was applied may be no host name to this version, and what was free at reconcile may be another's by now. To be asked under the application's lock.
 * @throws project_file_invalid for a host, name_taken for a volume, host_taken for the name of a route
 */
export async function ensureClaimsFree(
	engine: { store: Store; swarm: Swarm; settings: { ingress: IngressSettings } },
	application: Application,
): Promise<void> {
	const { mounts, domains } = application.config;
	if (mounts.length + domains.length === 0) return;
	ensureHostNames(domains);
	const [services, volumes] = await Promise.all([engine.swarm.listServices(), inspectVolumes(engine.swarm, mounts)]);
	const own = findOwnService(services, [application.repository], application.applicationId);
	ensureRouteNameFree(application, engine.settings.ingress, services, own);
	const applications = engine.store.listApplications();
	ensureVolumesFree({ repository: application.repository, application }, mounts, { applications, services, volumes });
}

/** Earlier versions applied hosts that a URL parser takes for an address, or for nothing: neither can be probed. */
function ensureHostNames(domains: string[]): void {
	const wrong = domains.filter((host) => !isHostName(host) || isLoopbackName(host));
	if (wrong.length === 0) return;
	const shown = wrong.slice(0, 5).map(quote).join(", ");
	throw new DeploymillError(
		"project_file_invalid",
		`domains: ${shown}: applied by an earlier version, and no host name. Nothing was changed.`,
		{
			hint: "Correct domains in .deploymill/project.json, commit and push it, and call reconcile_project with prune: true.",
		},
	);
}
