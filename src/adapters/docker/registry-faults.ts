// Classifies what registries and engines say when a push, a lookup or a login fails. They agree on words, not on codes.

export type RegistryFault = "registry_auth_failed" | "registry_unreachable" | "image_missing";

/** First match wins: a refusal comes over a connection that works, and a missing image from a registry that let us in. */
const words: [RegistryFault, RegExp][] = [
	[
		"registry_auth_failed",
		/unauthorized|authentication required|no basic auth credentials|incorrect username or password|(?<!permission )\bdenied\b|forbidden|insufficient_scope|\b40[13]\b/i,
	],
	[
		"image_missing",
		/manifest unknown|name unknown|no such manifest|repository .*not (?:found|known)|manifest for .* not found|: not found$/i,
	],
	[
		"registry_unreachable",
		/connection refused|connection reset|no route to host|network is unreachable|no such host|server misbehaving|dial tcp|i\/o timeout|timeout|deadline exceeded|tls:|x509|certificate|HTTP response to HTTPS client|\bEOF\b|\b50[234]\b/i,
	],
];

/** Undefined where the words are of none of these. */
export function classifyRegistryFault(said: string): RegistryFault | undefined {
	return words.find(([, pattern]) => pattern.test(said))?.[0];
}
