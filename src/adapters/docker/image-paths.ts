// Lists the files in an image, as a container made from it would see them. Nothing in it is run.
import { dirname, posix } from "node:path";
import type { DockerClient } from "./client.ts";
import { isEngineError } from "./faults.ts";

/** Of the answer's header `X-Docker-Container-Path-Stat`, what is read here. */
interface PathStat {
	/** As Go's os.FileMode. */
	mode: number;
	/** Where a link leads in the end, within the image. */
	linkTarget: string;
}

const folderBit = 2 ** 31;
const linkBit = 2 ** 27;
/** Every other kind of file in Go's os.FileMode: pipes, sockets, devices. */
const otherKinds = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19;
const label = "deploymill.looking-into";
/** A look takes seconds: a container this old was left by a process that was killed in between. */
const forgottenAfterMs = 600_000;
const longestChain = 10;
const atOnce = 4;

export class ImagePaths {
	readonly #client: DockerClient;

	constructor(client: DockerClient) {
		this.#client = client;
	}

	/**
	 * Those of `candidates` (absolute paths) that are executable files, links followed. A container is created of the image,
	 * never started, and removed again: reading the layers themselves means to export the whole image, which takes seconds.
	 * @throws EngineError 404 when there is no such image
	 */
	async find(imageReference: string, candidates: string[]): Promise<Set<string>> {
		await this.#removeForgotten();
		const containerId = await this.#create(imageReference);
		try {
			const folders = await this.#realFolders(containerId, candidates);
			const asked = new Map<string, Promise<boolean>>();
			const results = await inTurns(candidates, (path) => {
				const folder = folders.get(dirname(path));
				if (folder === undefined) return Promise.resolve(false);
				const real = posix.join(folder, posix.basename(path));
				const answer = asked.get(real) ?? this.#isExecutable(containerId, real);
				asked.set(real, answer);
				return answer;
			});
			return new Set(candidates.filter((_, index) => results[index]));
		} finally {
			await this.#remove(containerId);
		}
	}

	async #removeForgotten(): Promise<void> {
		const filters = { label: [label], status: ["created"] };
		const left = await this.#client.call((docker) => docker.listContainers({ all: true, filters }));
		const forgotten = left.filter(({ Created }) => Date.now() - Created * 1000 > forgottenAfterMs);
		await Promise.all(forgotten.map(({ Id }) => this.#remove(Id)));
	}

	/** Fine where another process was faster. */
	async #remove(containerId: string): Promise<void> {
		try {
			await this.#client.call((docker) => docker.getContainer(containerId).remove({ force: true, v: true }));
		} catch (error) {
			if (!isEngineError(error, 404, 409)) throw error;
		}
	}

	async #create(imageReference: string): Promise<string> {
		const container = await this.#client.call((docker) =>
			docker.createContainer({
				Image: imageReference,
				// An image from scratch may have no command, and a container must have one. It is never run.
				Entrypoint: ["/deploymill-never-runs-this"],
				Cmd: [],
				NetworkDisabled: true,
				Labels: { [label]: imageReference },
			}),
		);
		return container.id;
	}

	/** `/bin` is a link to `/usr/bin` in most images: what is the same folder is asked once. */
	async #realFolders(containerId: string, paths: string[]): Promise<Map<string, string>> {
		const folders = [...new Set(paths.map((path) => dirname(path)))];
		const stats = await inTurns(folders, (folder) => this.#stat(containerId, folder));
		return new Map(
			folders.flatMap((folder, index) => {
				const stat = stats[index];
				if (!stat) return [];
				return [[folder, (stat.mode & linkBit) === 0 ? folder : stat.linkTarget] as const];
			}),
		);
	}

	async #isExecutable(containerId: string, path: string): Promise<boolean> {
		let at = path;
		for (let step = 0; step < longestChain; step++) {
			const stat = await this.#stat(containerId, at);
			if (!stat) return false;
			if ((stat.mode & linkBit) === 0) return isRegular(stat.mode) && (stat.mode & 0o111) !== 0;
			at = stat.linkTarget;
		}
		return false;
	}

	async #stat(containerId: string, path: string): Promise<PathStat | undefined> {
		try {
			const answer = await this.#client.stream({ path: `/containers/${containerId}/archive?`, method: "HEAD", options: { path } });
			answer.resume();
			const header = String(answer.headers["x-docker-container-path-stat"] ?? "");
			return JSON.parse(Buffer.from(header, "base64").toString("utf8")) as PathStat;
		} catch (error) {
			if (isEngineError(error, 404)) return undefined;
			throw error;
		}
	}
}

function isRegular(mode: number): boolean {
	// Beyond 31 bits JavaScript's bit operations do not reach: a folder's mode is at least the folder bit.
	return mode < folderBit && (mode & otherKinds) === 0;
}

/** The work on each item, a few at once, in the order of the items. */
async function inTurns<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
	const results: Result[] = [];
	for (let start = 0; start < items.length; start += atOnce) {
		results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))));
	}
	return results;
}
