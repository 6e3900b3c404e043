// Finds the mirror that this machine gets Debian packages from, in its apt settings.
import { run } from "./process.mjs";

/** Archives of a release that hold only a part of it. */
const PARTIAL_ARCHIVE = /[-/](security|updates|backports|proposed|backports-sloppy)/;

/** Overrides what apt says, for a machine that is no Debian. */
export const MIRROR_VARIABLE = "SANDBOX_DEBIAN_MIRROR";

/**
 * apt reads its settings itself here, in both formats (one-line and deb822), and says what it would fetch, without
 * fetching it. (`apt-get indextargets` says nothing on a machine whose lists were never fetched.)
 * @returns {Promise<string | undefined>} URL of a Debian mirror; undefined when apt knows none
 */
export async function debianMirror() {
	return process.env[MIRROR_VARIABLE] || chooseMirror(await run("apt-get", ["update", "--print-uris"]));
}

/** @param {string} uris lines such as `'http://HOST/debian/dists/bookworm/InRelease' NAME 0` @returns {string | undefined} */
function chooseMirror(uris) {
	const archives = [...uris.matchAll(/^'(https?:\/\/\S+?)\/dists\/(\S+)\/InRelease'/gm)].map(([, url, suite]) => ({ url, suite }));
	// a mirror of Debian has "debian" in its address or path, also behind a cache or a proxy repository
	const whole = archives.filter(({ url, suite }) => /debian/i.test(url) && !PARTIAL_ARCHIVE.test(suite));
	// others publish packages for Debian there too, but none has SUITE-updates beside SUITE
	const hasUpdates = ({ url, suite }) => archives.some((other) => other.url === url && other.suite === `${suite}-updates`);
	return (whole.find(hasUpdates) ?? whole[0])?.url;
}

/** @returns {Promise<string[]>} mmdebstrap options that carry this machine's apt proxy into the new root */
export async function proxyOptions() {
	const settings = await run("apt-config", ["dump", "Acquire"]);
	return settings
		.split("\n")
		.filter((line) => /^Acquire::(http|https)::Proxy(::\S+)? ".+";$/.test(line))
		.map((line) => `--aptopt=${line}`);
}
