// Records which schema migrations a commit has, in a form small enough to be kept with every deployment.
import { createHash } from "node:crypto";
import { globMatcher } from "../../config/glob.ts";
import { escapeInvisible } from "../../config/quote.ts";
import { WorkSlices } from "../../event-loop.ts";
import type { Clock } from "../ports/clock.ts";

const mostLines = 1000;
const mostCharacters = 65_536;

/**
 * A line for each file that a glob names: its path and its blob's id, so that an edited migration counts as another one. Where
 * that is too much: a line for each folder (`db/migrate/`) with a digest of the files right in it; where there are too many
 * folders: one line, `/`, for all of it. Sorted.
 * @throws Refusal for globs that cannot be matched
 */
export async function recordMigrations(
	clock: Pick<Clock, "monotonic">,
	files: readonly { path: string; blob: string }[],
	globs: readonly string[],
): Promise<string[]> {
	const isMigration = globMatcher(globs);
	const slices = new WorkSlices(() => clock.monotonic());
	const lines: string[] = [];
	for (const { path, blob } of files) {
		if (isMigration(path)) lines.push(`${escapeInvisible(path)} ${blob}`);
		await slices.pause();
	}
	lines.sort();
	if (fits(lines)) return lines;
	const folders = coarsen(lines, 1);
	return fits(folders) ? folders : coarsen(lines, 2);
}

/** Two records as lines that can be compared: what one knows of folders alone is compared by folder. */
export function comparable(one: readonly string[], other: readonly string[]): [string[], string[]] {
	const level = Math.max(levelOf(one), levelOf(other));
	return [coarsen(one, level), coarsen(other, level)];
}

/** What a line is of: a file, a folder with a slash at its end, or `/`. */
export function pathOf(line: string): string {
	return line.slice(0, line.lastIndexOf(" "));
}

function fits(lines: readonly string[]): boolean {
	return lines.length <= mostLines && lines.reduce((sum, line) => sum + line.length, 0) <= mostCharacters;
}

/** 0: files, 1: folders, 2: all together. A record is of one level. */
function levelOf([first = ""]: readonly string[]): number {
	const path = pathOf(first);
	if (path === "/") return 2;
	return path.endsWith("/") ? 1 : 0;
}

function coarsen(lines: readonly string[], level: number): string[] {
	if (lines.length === 0 || levelOf(lines) >= level) return [...lines];
	if (level === 2) return [`/ ${digest(coarsen(lines, 1))}`];
	const folders = Map.groupBy(lines, (line) => line.slice(0, line.lastIndexOf("/", line.lastIndexOf(" ")) + 1) || "./");
	return [...folders].map(([folder, inIt]) => `${folder} ${digest(inIt)}`).sort();
}

function digest(lines: readonly string[]): string {
	return createHash("sha256").update(lines.join("\n")).digest("hex");
}
