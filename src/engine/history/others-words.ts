// Says what others had set on a service that a deployment put something on, and what became of it.
import type { Deployment, OthersSettings } from "../../model/deployment.ts";
import { listed } from "../../text/listed.ts";

const mostNamed = 20;

/** A sentence each. */
export function othersWarnings({ others }: Pick<Deployment, "others">): string[] {
	if (!others) return [];
	const { overruled, restored } = others;
	return [
		...keptWarnings(others),
		...(overruled.length > 0
			? [`env ${listed(overruled, mostNamed)}: others set another value on the service since; the one that was set here replaces it`]
			: []),
		...(restored.length > 0 ? [`env ${listed(restored, mostNamed)}: others took it off the service since; it is put there again`] : []),
	];
}

function keptWarnings({ env, hosts, volumes, replicas, notHeld }: OthersSettings): string[] {
	const kept = [
		...(env.length > 0 ? [`env ${listed(env, mostNamed)}`] : []),
		...(hosts.length > 0 ? [`the hosts ${listed(hosts, mostNamed)}`] : []),
		...(volumes.length > 0 ? [`the volumes ${listed(volumes, mostNamed)}`] : []),
		...(replicas === undefined ? [] : [`${replicas} replicas`]),
	];
	if (kept.length === 0) return [];
	const from = notHeld
		? "env stays on the service alone: an application cannot have that much"
		: "from now on they are this application's here too";
	return [`others set on the service, past this data folder: ${kept.join("; ")}. That is kept; ${from}`];
}
