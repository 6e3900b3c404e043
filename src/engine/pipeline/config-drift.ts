// Warns when a commit's project file is not the one that is applied: a deploy never applies it by itself.
import { isDeepStrictEqual } from "node:util";
import { DeploymillError } from "../../errors.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { Checkout } from "../ports/source.ts";

/** Domains and applied mounts are left out: hosts can be blocked, and both stay until they are pruned. */
const compared = ["workload", "port", "rollback", "health", "healthDeclared", "resources", "replicas", "build", "migrations"] as const;

/** One sentence for the deployment's warnings, or none. A file that is missing or wrong stops no deploy of what is applied. */
export async function driftWarnings(checkout: Checkout, applied: ApplicationConfig): Promise<string[]> {
	// With zod, which a worker needs for nothing else.
	const { parseProjectFile, projectFilePath } = await import("../../config/project.ts");
	try {
		const text = await checkout.readFile(projectFilePath);
		if (text === undefined) return [`${projectFilePath} is not in this commit; what was reconciled last still holds`];
		const { config, declaresReplicas } = parseProjectFile(text);
		// What an operator scaled the service to contradicts no file that says nothing of it.
		const wanted = applied.replicasAdopted && !declaresReplicas ? { ...config, replicas: applied.replicas } : config;
		const differing = compared.filter((key) => !isDeepStrictEqual(wanted[key], applied[key]));
		if (differing.length === 0) return [];
		return [`${projectFilePath} of this commit differs from what is applied (${differing.join(", ")}): call reconcile_project`];
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		return [`${projectFilePath} of this commit is not valid; what was reconciled last still holds`];
	}
}
