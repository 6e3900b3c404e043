// Tells which schema migrations lie between two releases. It needs no git: every deploy records its commit's migration files.
import type { Deployment, MigrationGap } from "../../model/deployment.ts";
import { comparable, pathOf } from "./migration-files.ts";

/** Files of `live` that `target` does not have as they are, and the other way round. Unknown when either recorded none. */
export function migrationGap(
	target: Pick<Deployment, "migrationFiles">,
	live: Pick<Deployment, "migrationFiles"> | undefined,
): MigrationGap {
	if (!target.migrationFiles || !live?.migrationFiles) return { files: [], known: false };
	const [before, after] = comparable(target.migrationFiles, live.migrationFiles);
	const [inBefore, inAfter] = [new Set(before), new Set(after)];
	const differing = [...after.filter((line) => !inBefore.has(line)), ...before.filter((line) => !inAfter.has(line))];
	return { files: [...new Set(differing.map(pathOf))].sort(), known: true };
}

/** What a deploy brings, and what it leaves behind: files of the live release, by path, that it does not have. */
export interface MigrationsOfDeploy {
	ships: MigrationGap;
	left: string[];
}

export function migrationsOfDeploy(
	to: Pick<Deployment, "migrationFiles">,
	live: Pick<Deployment, "migrationFiles"> | undefined,
): MigrationsOfDeploy {
	if (!to.migrationFiles || !live?.migrationFiles) return { ships: { files: [], known: false }, left: [] };
	const [asked, now] = comparable(to.migrationFiles, live.migrationFiles);
	const paths = new Set(asked.map(pathOf));
	return {
		ships: {
			files: asked
				.filter((line) => !now.includes(line))
				.map(pathOf)
				.sort(),
			known: true,
		},
		left: now
			.map(pathOf)
			.filter((path) => !paths.has(path))
			.sort(),
	};
}

const shownFiles = 50;
const longestShownPath = 200;

/** The gap as it goes into an answer or a record: an answer has no room for hundreds of files. */
export function shownGap({ files, known }: MigrationGap): MigrationGap {
	const shown = files.slice(0, shownFiles).map(cut);
	return files.length <= shownFiles ? { files: shown, known } : { files: shown, total: files.length, known };
}

/** `3 migration file(s)`, or what is known of them by folder. */
export function countGap({ files, total }: MigrationGap): string {
	const count = total ?? files.length;
	return files[0]?.endsWith("/") ? `migration files in ${count} folder(s)` : `${count} migration file(s)`;
}

function cut(path: string): string {
	return path.length <= longestShownPath ? path : `${path.slice(0, longestShownPath - 1).toWellFormed()}…`;
}
