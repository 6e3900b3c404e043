// Owns which schema migrations lie between two releases. Needs no git: every deploy records its commit's migration files.
import picomatch from "picomatch";
import type { Deployment, MigrationGap } from "../../model/deployment.ts";

/** `path blob` of each file that a glob names, sorted. The blob id makes an edited migration count as another one. */
export function migrationFilesIn(files: { path: string; blob: string }[], globs: string[]): string[] {
	const isMigration = picomatch(globs, { dot: true });
	return files
		.filter(({ path }) => isMigration(path))
		.map(({ path, blob }) => `${path} ${blob}`)
		.sort();
}

/** Files of `live` that `target` does not have as they are, and the other way round. Unknown when either recorded none. */
export function migrationGap(
	target: Pick<Deployment, "migrationFiles">,
	live: Pick<Deployment, "migrationFiles"> | undefined,
): MigrationGap {
	if (!target.migrationFiles || !live?.migrationFiles) return { files: [], known: false };
	const before = new Set(target.migrationFiles);
	const after = new Set(live.migrationFiles);
	const differing = [
		...live.migrationFiles.filter((file) => !before.has(file)),
		...target.migrationFiles.filter((file) => !after.has(file)),
	];
	return { files: [...new Set(differing.map(pathOf))].sort(), known: true };
}

const shownFiles = 50;

/** The gap as it goes into an answer or a record: an answer has no room for hundreds of files. */
export function shownGap({ files, known }: MigrationGap): MigrationGap {
	return files.length <= shownFiles ? { files, known } : { files: files.slice(0, shownFiles), total: files.length, known };
}

function pathOf(file: string): string {
	return file.slice(0, file.lastIndexOf(" "));
}
