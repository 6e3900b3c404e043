// Owns the question whether a sandbox can run on this machine, asked before anything is changed.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRoot } from './checkout.mjs';
import { hasCommand } from './host-packages.mjs';
import { debianMirror, MIRROR_VARIABLE } from './mirror.mjs';
import { run } from './process.mjs';

const probeScript = join(dirname(fileURLToPath(import.meta.url)), 'kernel-probe.sh');

/** Where Debian has all of the packages. */
const ARCHITECTURES = ['amd64', 'arm64', 'ppc64el', 'riscv64', 's390x'];

/** @returns {Promise<string[]>} what is missing and what to do about it; empty when a sandbox can run */
export async function missingRequirements() {
  if (process.platform !== 'linux') return ['Linux: a sandbox is made of network namespaces and cgroups. Use a Linux machine or a virtual one.'];
  const missing = [];
  if (process.getuid() !== 0) missing.push('root: run it as root, for instance by sudo.');
  if (!hasCommand('apt-get')) missing.push('apt-get: engine, registry and ingress come from Debian packages. Use a Debian machine or container with --privileged.');
  for (const command of ['nsenter', 'unshare', 'setpriv', 'flock', 'mount', 'pivot_root', 'perl', 'tar']) {
    if (!hasCommand(command)) missing.push(`the command ${command}: install util-linux, mount, perl-base and tar.`);
  }
  if (missing.length > 0) return missing;
  return [...(await missingPackages()), ...(await missingFromKernel())];
}

async function missingPackages() {
  const missing = [];
  const architecture = (await run('dpkg', ['--print-architecture'])).trim();
  if (!ARCHITECTURES.includes(architecture)) missing.push(`packages for ${architecture}: Debian has them for ${ARCHITECTURES.join(', ')}. Use such a machine.`);
  if (!(await debianMirror())) missing.push(`a Debian mirror: apt on this machine knows none. Set ${MIRROR_VARIABLE} to the URL of one.`);
  return missing;
}

/** Tries it out, in namespaces that end with the probe. */
async function missingFromKernel() {
  const folder = mkdtempSync(join(checkoutRoot, '.sandbox-probe-'));
  try {
    for (const part of ['lower', 'upper', 'work', 'root']) mkdirSync(join(folder, part));
    const args = ['--mount', '--net', '--propagation', 'private', probeScript, folder];
    const said = await run('unshare', args).catch((error) => `namespaces: ${error.message}. In a container, give it --privileged.\n`);
    return said.split('\n').filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
