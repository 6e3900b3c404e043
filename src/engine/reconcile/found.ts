// Looks at what the Swarm runs of an application that this data folder has put nothing of: its tasks, its image and its commit.
import { DeploymillError } from "../../errors.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { readCommit } from "../pipeline/commit-facts.ts";
import type { Registry } from "../ports/images.ts";
import { replicasOf, revisionOf, runsAlone } from "../service/revision.ts";
import { digestIn } from "../service/spec.ts";

export interface Found {
	service: ObservedService;
	/** Every task of its release runs, and no other task does. */
	runs: boolean;
	image: FoundImage;
	source: FoundSource;
}

/** Whether a registry has the image. `local`: it was never pushed. `unnamed`: by a tag alone, which may name another image by now. */
export type FoundImage = { state: "there" | "missing" | "local" | "unnamed" } | { state: "unknown"; fault: DeploymillError };

/** What the release was made from. */
export type FoundSource =
	| { state: "read"; commit: Commit; migrationFiles?: string[] }
	/** The service does not name a commit. */
	| { state: "unnamed" }
	| { state: "unreadable"; sha: string; fault: DeploymillError };

export interface FoundQuestion {
	repoUrl: string;
	/** Its globs tell which files change the database's schema. */
	config: ApplicationConfig;
	signal?: AbortSignal | undefined;
}

type Ports = Pick<Engine, "swarm" | "registry" | "source" | "clock">;

/** @throws docker_unreachable, swarm_not_ready; the signal's reason */
export async function lookAtFound(
	{ swarm, registry, source, clock }: Ports,
	service: ObservedService,
	question: FoundQuestion,
): Promise<Found> {
	const [tasks, image, from] = await Promise.all([
		swarm.listTasks(service.spec.Name),
		askForImage(registry, service.spec.TaskTemplate.ContainerSpec.Image),
		readSource({ source, clock }, service.spec.Labels[labels.commit], question),
	]);
	const replicas = replicasOf(service);
	return { service, runs: replicas > 0 && runsAlone(tasks, revisionOf(service), replicas), image, source: from };
}

/** Not known is not no. */
async function askForImage(registry: Registry, reference: string): Promise<FoundImage> {
	if (reference.startsWith("sha256:")) return { state: "local" };
	if (digestIn(reference) === undefined) return { state: "unnamed" };
	try {
		await registry.checkManifest(reference);
		return { state: "there" };
	} catch (error) {
		if (!(error instanceof DeploymillError) || !/^(?:registry|image)_/.test(error.code)) throw error;
		return error.code === "image_missing" ? { state: "missing" } : { state: "unknown", fault: error };
	}
}

const commitId = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

async function readSource(
	ports: Pick<Engine, "source" | "clock">,
	sha: string | undefined,
	{ repoUrl, config, signal }: FoundQuestion,
): Promise<FoundSource> {
	if (sha === undefined || !commitId.test(sha)) return { state: "unnamed" };
	try {
		const { commit, migrationFiles } = await readCommit(ports, { repoUrl, ref: sha, config }, signal);
		return { state: "read", commit, ...(migrationFiles ? { migrationFiles } : {}) };
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		return { state: "unreadable", sha, fault: error };
	}
}
