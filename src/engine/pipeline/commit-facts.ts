// Reads of a commit what is recorded with its deployment: its schema migrations, and whether its project file is the one that is applied.
import { Refusal } from "../../config/refusal.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { recordMigrations } from "../history/migration-files.ts";
import type { Clock } from "../ports/clock.ts";
import type { Checkout } from "../ports/source.ts";
import { driftWarnings } from "./config-drift.ts";

export interface CommitFacts {
	/** What was asked for, or the name of the default branch. */
	ref: string;
	commit: Commit;
	/** Undefined where the globs cannot be matched. */
	migrationFiles?: string[];
	warnings: string[];
}

/** @throws as `Source.checkout` */
export async function readCommit(
	engine: Pick<Engine, "source" | "clock">,
	{ repoUrl, ref, config }: { repoUrl: string; ref: string | undefined; config: ApplicationConfig },
	signal?: AbortSignal,
): Promise<CommitFacts> {
	await using checkout = await engine.source.checkout(repoUrl, ref, signal);
	return await factsOf(engine, checkout, config);
}

export async function factsOf({ clock }: Pick<Engine, "clock">, checkout: Checkout, config: ApplicationConfig): Promise<CommitFacts> {
	const { migrationFiles, warnings } = await findMigrations(clock, checkout, config.migrations);
	return {
		ref: checkout.ref,
		commit: checkout.commit,
		...(migrationFiles ? { migrationFiles } : {}),
		warnings: [...warnings, ...(await driftWarnings(checkout, config))],
	};
}

/** Globs that cannot be matched stop no deploy. The warning comes now, since a later rollback will not know which migrations lie in between. */
async function findMigrations(
	clock: Clock,
	checkout: Checkout,
	globs: string[],
): Promise<{ migrationFiles?: string[]; warnings: string[] }> {
	try {
		return { migrationFiles: await recordMigrations(clock, await checkout.listFiles(), globs), warnings: [] };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const unknown = "what schema migrations this deployment has is not known; correct them in the project file and call reconcile_project";
		return { warnings: [`migrations: ${error.message}: ${unknown}`] };
	}
}
