// Pushes one tag through the engine, and tells why a push failed.
import type { BuildListener } from "../../engine/ports/images.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { readJsonLines } from "./json-lines.ts";
import { splitReference } from "./reference.ts";
import { registryAuth } from "./registry-auth.ts";
import { classifyRegistryFault } from "./registry-faults.ts";

/** Of the messages of a push, what is read here. */
interface PushMessage {
	/** Layer. */
	id?: string;
	status?: string;
	aux?: { Digest?: string };
	error?: string;
	errorDetail?: { message?: string };
}

/** @throws what `Images.push` throws; the signal's reason when it was aborted */
export async function runPush(
	client: DockerClient,
	reference: string,
	credentials: RegistryCredentials | undefined,
	listener: BuildListener,
	signal: AbortSignal,
): Promise<{ digest: string }> {
	const { repository, tag } = splitReference(reference);
	const request: EngineRequest = {
		path: `/images/${repository}/push?`,
		method: "POST",
		options: { _query: { tag: tag ?? "latest" }, _body: {} },
		abortSignal: signal,
		// Older engines refuse a push without any header.
		...(credentials ? registryAuth(credentials) : { authconfig: { base64: "e30=" } }),
	};
	try {
		return { digest: await followPush(client, request, reference, listener) };
	} catch (error) {
		signal.throwIfAborted();
		if (isEngineError(error)) throw pushFailure(client, reference, error.said);
		throw client.translate(error);
	}
}

async function followPush(client: DockerClient, request: EngineRequest, reference: string, listener: BuildListener): Promise<string> {
	const layers = new Map<string, string>();
	let digest: string | undefined;
	for await (const message of readJsonLines<PushMessage>(await client.stream(request))) {
		if (message.error) throw pushFailure(client, reference, message.errorDetail?.message ?? message.error);
		digest = message.aux?.Digest ?? digest;
		tell(client, message, layers, listener);
	}
	if (!digest) throw pushFailure(client, reference, "The engine ended the push without a digest.");
	return digest;
}

/** A layer's progress comes many times a second; a line is told when its state changes. */
function tell(client: DockerClient, { id, status }: PushMessage, layers: Map<string, string>, listener: BuildListener): void {
	if (!status || (id !== undefined && layers.get(id) === status)) return;
	listener.line(client.untrusted.line(id === undefined ? status : `${id}: ${status}`));
	if (id === undefined) return;
	layers.set(id, status);
	const done = [...layers.values()].filter((state) => /^(?:Pushed|Mounted|Layer already exists)/.test(state)).length;
	listener.step(`${done} of ${layers.size} layers pushed`);
}

function pushFailure(client: DockerClient, reference: string, said: string): DeploymillError {
	const details = { output: client.untrusted.fence("registry", said) };
	const registry = reference.split("/")[0];
	switch (classifyRegistryFault(said)) {
		case "registry_auth_failed":
			return new DeploymillError(
				"registry_auth_failed",
				`The registry ${registry} refused the push: its credentials are wrong or may not write here.`,
				{ details },
			);
		case "registry_unreachable":
			return new DeploymillError("registry_unreachable", `Docker could not reach the registry ${registry} for the push.`, { details });
		default:
			return new DeploymillError("push_failed", `The push to the registry ${registry} failed.`, { details });
	}
}
