// Imports images from an archive of ours rather than from a registry.
import { createReadStream } from "node:fs";
import { DockerError, docker } from "./docker-api.mjs";

/**
 * Imports the archive as an image of one layer, unless the node has that name already.
 * @param {string} socket @param {string} name with its tag @param {string} archive tar file
 * @param {string[]} config Dockerfile instructions that set its environment and command
 * @returns {Promise<string>} the image's id
 */
export async function ensureImage(socket, name, archive, config) {
	const present = await imageId(socket, name);
	if (present) return present;
	const query = new URLSearchParams({ fromSrc: "-", repo: name.split(":")[0], tag: name.split(":")[1] });
	for (const instruction of config) query.append("changes", instruction);
	const stream = createReadStream(archive, { highWaterMark: 1024 * 1024 });
	const said = await docker(socket, "POST", `/images/create?${query}`, { stream, timeoutMs: 180_000 });
	const id = await imageId(socket, name);
	if (!id) throw new Error(`image ${name} was not imported: ${JSON.stringify(said)}`);
	return id;
}

async function imageId(socket, name) {
	try {
		return (await docker(socket, "GET", `/images/${name}/json`)).Id;
	} catch (error) {
		if (error instanceof DockerError && error.status === 404) return undefined;
		throw error;
	}
}
