// Pulls one image through the engine, and tells why a pull failed.
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { readJsonLines } from "./json-lines.ts";
import { registryOf } from "./reference.ts";
import { registryAuth } from "./registry-auth.ts";
import { classifyRegistryFault } from "./registry-faults.ts";

/** @throws registry_auth_failed, image_missing, registry_unreachable; the signal's reason when it was aborted */
export async function runPull(
	client: DockerClient,
	reference: string,
	credentials: RegistryCredentials | undefined,
	signal: AbortSignal,
): Promise<void> {
	const request: EngineRequest = {
		path: "/images/create?",
		method: "POST",
		options: { _query: { fromImage: reference }, _body: {} },
		abortSignal: signal,
		...registryAuth(credentials),
	};
	try {
		for await (const { error } of readJsonLines<{ error?: string }>(await client.stream(request))) {
			if (error) throw pullFailure(client, reference, error);
		}
	} catch (error) {
		signal.throwIfAborted();
		if (isEngineError(error)) throw pullFailure(client, reference, error.said);
		throw client.translate(error);
	}
}

function pullFailure(client: DockerClient, reference: string, said: string): DeploymillError {
	return new DeploymillError(
		classifyRegistryFault(said) ?? "registry_unreachable",
		`Docker could not pull from the registry ${registryOf(reference)}.`,
		{ details: { output: client.untrusted.fence("registry", said) } },
	);
}
