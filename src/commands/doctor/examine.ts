// Runs the doctor's checks: each one as soon as what it needs has passed, the others side by side.
import { DockerClient } from "../../adapters/docker/client.ts";
import { resolveDockerEndpoint } from "../../config/docker-endpoint.ts";
import type { Redactor } from "../../redact.ts";
import { Untrusted } from "../../untrusted.ts";
import { begin, type Check, type Step } from "./check.ts";
import { lookAtDataFolder, lookAtDisk } from "./data-folder.ts";
import { lookAtDeployments } from "./deployments.ts";
import { lookAtDocker, lookAtNetwork, lookAtSwarm } from "./docker.ts";
import { lookAtGit } from "./git.ts";
import { lookAtIngress } from "./ingress.ts";
import { lookAtIpvs } from "./ipvs.ts";
import { lookAtNotify } from "./notify.ts";
import { lookAtLogin, lookAtRoundTrip } from "./registry.ts";
import { lookAtSettings } from "./settings.ts";

/**
 * Every check once, in the order in which people read them. Never throws.
 * @param trial whether an event is sent for trial
 */
export async function examine(env: NodeJS.ProcessEnv, redactor: Redactor, trial: boolean): Promise<Check[]> {
	const untrusted = new Untrusted(redactor);
	const settings = begin("settings", [], () => lookAtSettings(env));
	const endpoint = begin("endpoint", [], () => openClient(env, redactor, untrusted));
	const docker = begin("docker", [endpoint], lookAtDocker);
	const swarm = begin("swarm", [docker], lookAtSwarm);
	const network = begin("network", [swarm, settings], lookAtNetwork);
	const login = begin("registry", [docker, settings], (client, given) => lookAtLogin(client, given, env, redactor));
	const data = begin("data folder", [settings], (given) => lookAtDataFolder(given, redactor));
	const steps: Step<unknown>[] = [
		settings,
		docker,
		swarm,
		network,
		begin("ipvs", [docker, settings], lookAtIpvs),
		login,
		begin("push and pull", [docker, login], lookAtRoundTrip),
		begin("ingress", [network, settings], lookAtIngress),
		begin("git", [settings], (given) => lookAtGit(given, env, redactor)),
		data,
		begin("disk", [data], lookAtDisk),
		begin("deployments", [data, settings], lookAtDeployments),
		begin("notify", [settings, data], (given, folder) => lookAtNotify(given, folder, { env, redactor, trial })),
	];
	const done = await Promise.all(steps);
	const opened = await endpoint;
	opened.found?.value.close();
	// An address that cannot be opened is told as Docker's fault, which is where people look for it.
	return done.map(({ check }) => (check.name === "docker" && !opened.found ? { ...opened.check, name: "docker" } : check));
}

function openClient(env: NodeJS.ProcessEnv, redactor: Redactor, untrusted: Untrusted) {
	const client = new DockerClient(resolveDockerEndpoint(env, redactor), untrusted);
	return { detail: client.description, value: client };
}
