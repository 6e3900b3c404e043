// Checks the registry: it accepts the login, takes an image, and gives it back by digest.
import type { DockerClient } from "../../adapters/docker/client.ts";
import { DockerImages } from "../../adapters/docker/images.ts";
import { DockerRegistry } from "../../adapters/docker/registry.ts";
import { makeRoundTrip } from "../../adapters/docker/round-trip.ts";
import { readRegistryCredentials } from "../../config/credentials.ts";
import type { Settings } from "../../config/settings.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { Redactor } from "../../redact.ts";
import type { Finding } from "./check.ts";

export interface RegistrySeen {
	prefix: string;
	credentials: RegistryCredentials | undefined;
}

/** More than the engine's own patience with a registry that does not answer. */
const patienceMs = 90_000;

/** Without a registry deploymill works; it only cannot go back. */
export async function lookAtLogin(
	client: DockerClient,
	{ registry }: Settings,
	env: NodeJS.ProcessEnv,
	redactor: Redactor,
): Promise<Finding<RegistrySeen | undefined>> {
	if (!registry) {
		return {
			detail: "none is configured: rollback cannot be enabled",
			cure: "Set DEPLOYMILL_REGISTRY and its login; `deploymill init` can make one.",
			value: undefined,
		};
	}
	const credentials = await readRegistryCredentials(env, registry.host, redactor);
	await new DockerRegistry(client, registry.prefix, async () => credentials).checkLogin();
	const who = credentials ? `lets ${credentials.username || "the holder of the token"} in` : "is used without a login";
	return { detail: `${registry.prefix} ${who}`, value: { prefix: registry.prefix, credentials } };
}

export async function lookAtRoundTrip(client: DockerClient, registry: RegistrySeen | undefined): Promise<Finding<undefined>> {
	if (!registry) return { detail: "not needed: there is no registry", value: undefined };
	const { prefix, credentials } = registry;
	const patience = AbortSignal.timeout(patienceMs);
	try {
		const images = new DockerImages(client, async () => credentials);
		const { tag } = await makeRoundTrip(client, images, prefix, credentials, patience);
		return { detail: `an image of one small file went there and came back by digest; ${tag} stays in the registry`, value: undefined };
	} catch (error) {
		if (!patience.aborted) throw error;
		throw new DeploymillError("registry_unreachable", `The round trip of an image took longer than ${patienceMs / 1000} s.`, {
			cause: error,
		});
	}
}
