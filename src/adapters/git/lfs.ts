// Keeps Git LFS, where the user has it, with the repository's own host and protocol.
import type { RepositoryAddress } from "./address.ts";
import type { GitSetting } from "./environment.ts";

/**
 * A repository names any LFS server in its `.lfsconfig`, by any protocol; git-lfs prefers this setting. It is what git-lfs would make of
 * the address without that file. (Programs that a `.lfsconfig` names are refused by git-lfs itself.)
 */
export function lfsSettings({ url, protocol }: RepositoryAddress): GitSetting[] {
	if (protocol === "ssh" || protocol === "file") return [["lfs.url", url]];
	const address = url.replace(/\/+$/, "");
	return [["lfs.url", `${address}${address.endsWith(".git") ? "" : ".git"}/info/lfs`]];
}
