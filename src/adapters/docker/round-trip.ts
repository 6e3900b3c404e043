// Proves that images travel: builds a tiny one, pushes it, removes it here, and pulls it back by its digest.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildListener, Images } from "../../engine/ports/images.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { runPull } from "./pull.ts";

export interface RoundTrip {
	/** Tag that stays behind in the registry; the engine keeps nothing. */
	tag: string;
	digest: string;
}

const nobody: BuildListener = { line: () => undefined, step: () => undefined };

/**
 * @param prefix `host[:port][/namespace]`
 * @throws build_failed, push_failed, registry_auth_failed, registry_unreachable, image_missing, docker_unreachable
 */
export async function makeRoundTrip(
	client: DockerClient,
	images: Images,
	prefix: string,
	credentials: RegistryCredentials | undefined,
	signal: AbortSignal,
): Promise<RoundTrip> {
	const mark = randomBytes(6).toString("hex");
	const repository = `${prefix}/deploymill-doctor`;
	const tag = `${repository}:${mark}`;
	const { imageId } = await buildMarked(images, tag, mark, signal);
	try {
		const { digest } = await images.push(tag, credentials, nobody, signal);
		await removeImage(client, imageId);
		await runPull(client, `${repository}@${digest}`, credentials, signal);
		return { tag, digest };
	} finally {
		await removeImage(client, imageId);
	}
}

/** Its content is new each time, so that the registry has to take a layer it does not have. */
async function buildMarked(images: Images, tag: string, mark: string, signal: AbortSignal): Promise<{ imageId: string }> {
	const directory = await mkdtemp(join(tmpdir(), "deploymill-doctor-"));
	try {
		await writeFile(join(directory, "Dockerfile"), "FROM scratch\nCOPY mark /mark\n");
		await writeFile(join(directory, "mark"), mark);
		const build = { dockerfile: "Dockerfile", context: ".", args: {} };
		return await images.build({ directory, build, tag, noCache: false }, nobody, signal);
	} finally {
		await rm(directory, { recursive: true });
	}
}

/** With all its names; fine where it is gone. */
async function removeImage(client: DockerClient, imageId: string): Promise<void> {
	try {
		await client.request({ path: `/images/${imageId}?force=true`, method: "DELETE" });
	} catch (error) {
		if (!isEngineError(error, 404)) throw error;
	}
}
