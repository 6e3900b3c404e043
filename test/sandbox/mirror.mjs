// Owns the question "where does this machine get Debian packages from?": the answer is in its apt settings.
import { run } from './process.mjs';

/** Archives of a release that hold only a part of it. */
const PARTIAL_ARCHIVE = /-(security|updates|backports|proposed-updates|proposed|backports-sloppy)$/;

/** Overrides what apt says, for a machine that is no Debian. */
export const MIRROR_VARIABLE = 'SANDBOX_DEBIAN_MIRROR';

/**
 * apt itself reads its settings here, in both formats (one-line and deb822), whether or not its lists were fetched.
 * @returns {Promise<string | undefined>} URL of a Debian mirror; undefined when apt knows none
 */
export async function debianMirror() {
  const override = process.env[MIRROR_VARIABLE];
  if (override) return override;
  const targets = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages']);
  return chooseMirror(targets);
}

/** @param {string} targets lines of `URI RELEASE COMPONENT` @returns {string | undefined} */
export function chooseMirror(targets) {
  const rows = targets.split('\n').map((line) => line.trim().split(' '));
  const whole = rows.filter(([uri, release, component]) => /^https?:/.test(uri) && component === 'main' && !PARTIAL_ARCHIVE.test(release));
  // "debian" in the path is what a mirror of Debian is called on every mirror, also behind a cache or a proxy repository
  const debian = whole.find(([uri]) => /debian/i.test(new URL(uri).host + new URL(uri).pathname));
  return debian?.[0].replace(/\/$/, '');
}

/** @returns {Promise<string[]>} mmdebstrap options that carry this machine's apt proxy into the new root */
export async function proxyOptions() {
  const settings = await run('apt-config', ['dump', 'Acquire']);
  return settings
    .split('\n')
    .filter((line) => /^Acquire::(http|https)::Proxy(::\S+)? "/.test(line))
    .map((line) => `--aptopt=${line}`);
}
