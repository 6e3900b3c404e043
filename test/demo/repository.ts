// Makes the demo's git repository: the app of this checkout, and a tag for each version that the folder `history` adds to it.
import { execFile } from "node:child_process";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const checkout = join(import.meta.dirname, "../..");
const app = "test/demo/app";
const projectFile = ".deploymill/project.json";

const versions = [
	{ tag: "v1", message: "Say hello" },
	{ tag: "v2", message: "Greet politely, on a blue page" },
	{ tag: "v3", message: "Answer only to host names that are allowed" },
	{ tag: "v4", message: "Prepare for a database" },
];

const author = {
	GIT_CONFIG_GLOBAL: "/dev/null",
	GIT_CONFIG_NOSYSTEM: "1",
	GIT_AUTHOR_NAME: "Ada",
	GIT_AUTHOR_EMAIL: "ada@example.org",
	GIT_COMMITTER_NAME: "Ada",
	GIT_COMMITTER_EMAIL: "ada@example.org",
};

/** Made anew at `folder`. @returns its URL, and the versions that it has tags for */
export async function createRepository(folder: string): Promise<{ url: string; versions: typeof versions }> {
	const git = (...args: string[]) => promisify(execFile)("git", args, { cwd: folder, env: { PATH: process.env.PATH, ...author } });
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await git("init", "--quiet", "--initial-branch", "main");
	await cp(join(checkout, projectFile), join(folder, projectFile));
	for (const { tag, message } of versions) {
		const changes = tag === "v1" ? app : `test/demo/history/${tag}`;
		await cp(join(checkout, changes), join(folder, app), { recursive: true });
		await git("add", "--all");
		await git("commit", "--quiet", "--message", message);
		await git("tag", tag);
	}
	return { url: pathToFileURL(folder).href, versions };
}
