// Keeps the names of Traefik's routers and services apart: Traefik drops two routers of one name, and mixes the servers of two services.
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { ObservedService } from "../../model/service.ts";
import type { IngressSettings } from "../service/ingress-labels.ts";
import { routeName } from "../service/spec.ts";
import { labelSets } from "./labels.ts";

const namedPart = /^traefik\.(?:http|tcp|udp)\.(?:routers|services)\.([^.]+)\./i;

/**
 * The name of another service that has labels for a router or a service of Traefik named as this application's are to be;
 * undefined where there is none. What the application's own service has already is not lost to whoever takes it later.
 *
 * @param services all of the Swarm, `own` among them
 */
export function whoHasRouteName(
	application: Pick<Application, "applicationId" | "repository">,
	{ dialect }: IngressSettings,
	services: ObservedService[],
	own: ObservedService | undefined,
): string | undefined {
	const name = routeName(application);
	if (dialect !== "traefik" || (own && hasRouteName(own, name))) return undefined;
	return services.find((service) => service !== own && hasRouteName(service, name))?.spec.Name;
}

/** @throws host_taken: a route of ours would take another one down */
export function ensureRouteNameFree(
	application: Application,
	ingress: IngressSettings,
	services: ObservedService[],
	own: ObservedService | undefined,
): void {
	const holder = application.config.domains.length === 0 ? undefined : whoHasRouteName(application, ingress, services, own);
	if (holder === undefined) return;
	throw new DeploymillError("host_taken", `The route cannot be made: ${routeNameTaken(application, holder)}. Nothing was changed.`, {
		hint: "Rename the router and the service in the labels of that Swarm service, or remove it; then call again.",
		details: { routeName: routeName(application), serviceName: holder },
	});
}

export function routeNameTaken(application: Pick<Application, "applicationId" | "repository">, holder: string): string {
	return `the service ${quote(holder)} has labels for a router or service of Traefik named ${routeName(application)}, as this application's is to be`;
}

/** Whether the application's service still has the router that earlier versions named after the id alone. */
export function hasEarlierRouteName(own: ObservedService, { dialect }: IngressSettings): boolean {
	return dialect === "traefik" && hasRouteName(own, own.spec.Name);
}

/** Traefik does not tell a name from its capitals. */
function hasRouteName(service: ObservedService, name: string): boolean {
	return labelSets(service)
		.flat()
		.some(([key]) => namedPart.exec(key)?.[1]?.toLowerCase() === name.toLowerCase());
}
