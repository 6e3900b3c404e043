// Brings the token for private repositories to its host, and to no other.
import type { Redactor } from "../../redact.ts";
import type { RepositoryAddress } from "./address.ts";
import type { GitSetting } from "./environment.ts";

export interface GitTokenOptions {
	/** Read at each use; undefined: none. */
	token: () => Promise<string | undefined>;
	/** `host[:port]`. */
	tokenHost: string;
	redactor: Redactor;
}

/**
 * The settings that make git send the token to this repository: none unless it is an https address of the token's host.
 * No setting of the user's for this host makes git follow redirects then: it would send the extra header to wherever one leads.
 */
export async function tokenSettings(address: RepositoryAddress, options: GitTokenOptions): Promise<GitSetting[]> {
	if (address.protocol !== "https" || address.host !== options.tokenHost.toLowerCase()) return [];
	const token = (await options.token())?.trim();
	if (!token) return [];
	const credentials = Buffer.from(`x-access-token:${token}`).toString("base64");
	options.redactor.add(token, credentials);
	const scope = `http.https://${address.host}/`;
	return [
		// An empty value forgets headers of the user's configuration: two Authorization headers are refused by GitHub.
		[`${scope}.extraHeader`, ""],
		[`${scope}.extraHeader`, `Authorization: Basic ${credentials}`],
		[`${scope}.followRedirects`, "false"],
	];
}
