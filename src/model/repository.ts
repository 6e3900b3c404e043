// Tells repositories apart by their address, however it is spelled.
import { createHash } from "node:crypto";

/** Names a repository without telling its address, which may be private. */
export function repositoryHash(repoUrl: string): string {
	return createHash("sha256").update(repoUrl).digest("hex").slice(0, 16);
}

/**
 * The address, and the others by which git hosts serve the same repository: `https://HOST/PATH`, `git@HOST:PATH` and
 * `ssh://git@HOST/PATH`, each with and without `.git`; a local one as a path and as a URL. What names a port, another user or anything else
 * is the same only where it is written the same.
 */
export function spellingsOf(repoUrl: string): string[] {
	const local = /^(?:file:\/\/)?(\/.*)$/i.exec(repoUrl)?.[1];
	const others = local === undefined ? hostedSpellings(repoUrl) : [local, `file://${local}`];
	return [...new Set([repoUrl, ...others])];
}

export function isSameRepository(one: string, other: string): boolean {
	return spellingsOf(one).includes(other);
}

const hosted = [
	/^https:\/\/(?<host>[^/:@]+)(?::443)?\/(?<path>.+)$/i,
	/^ssh:\/\/git@(?<host>[^/:@]+)(?::22)?\/(?<path>.+)$/i,
	/^git@(?<host>[^/:@]+):(?<path>.+)$/i,
];

function hostedSpellings(repoUrl: string): string[] {
	const { host, path } = hosted.map((form) => form.exec(repoUrl)?.groups).find((groups) => groups !== undefined) ?? {};
	if (host === undefined || path === undefined) return [];
	const name = host.toLowerCase();
	const bare = path.replace(/^\/+|\/+$|(?:\.git)?\/*$/g, "");
	return [bare, `${bare}.git`].flatMap((item) => [`https://${name}/${item}`, `git@${name}:${item}`, `ssh://git@${name}/${item}`]);
}
