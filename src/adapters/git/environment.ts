// Makes the environment that git runs in: the user's own, without what could steer or reveal this process.

/** A git setting as `key`, `value`; given by environment, because a command line is for every user of the machine to read. */
export type GitSetting = readonly [key: string, value: string];

/** The user's own say on keys, certificates, configuration files, and whether Git LFS fetches at all. All other GIT_* names (GIT_DIR, GIT_TRACE…) are dropped. */
const keptNames = /^GIT_(?:SSH|SSL|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_|VALUE_)|EXEC_PATH|PROXY|LFS_SKIP_SMUDGE)/;

/**
 * HOME, SSH_AUTH_SOCK and the proxy variables stay, so that ssh and credential helpers work as in the user's terminal; nothing
 * may ask a question, and git speaks English, because its words are matched.
 */
export function gitEnvironment(user: NodeJS.ProcessEnv, protocols: readonly string[], settings: readonly GitSetting[]): NodeJS.ProcessEnv {
	const kept = Object.entries(user).filter(
		([name]) => !name.startsWith("DEPLOYMILL_") && (!name.startsWith("GIT_") || keptNames.test(name)),
	);
	return {
		...Object.fromEntries(kept),
		...settingVariables(user, settings),
		GIT_ALLOW_PROTOCOL: protocols.join(":"),
		GIT_TERMINAL_PROMPT: "0",
		// Empty, not unset: git would ask through SSH_ASKPASS next.
		GIT_ASKPASS: "",
		SSH_ASKPASS_REQUIRE: "never",
		// A commit that is missing in a partial clone stays missing.
		GIT_NO_LAZY_FETCH: "1",
		LC_ALL: "C",
		LANGUAGE: "C",
	};
}

/** GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n, after those that the user has set already. */
function settingVariables(user: NodeJS.ProcessEnv, settings: readonly GitSetting[]): NodeJS.ProcessEnv {
	const first = Number(user.GIT_CONFIG_COUNT ?? 0) || 0;
	const variables = settings.flatMap(([key, value], index) => [
		[`GIT_CONFIG_KEY_${first + index}`, key],
		[`GIT_CONFIG_VALUE_${first + index}`, value],
	]);
	return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(first + settings.length) };
}
