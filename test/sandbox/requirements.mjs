// Checks whether a sandbox can run on this machine, before anything is changed.
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxDir } from "./checkout.mjs";
import { hasCommand } from "./host-packages.mjs";
import { debianMirror, MIRROR_VARIABLE } from "./mirror.mjs";
import { run } from "./process.mjs";

const probeScript = join(dirname(fileURLToPath(import.meta.url)), "kernel-probe.sh");

/** What every Debian has. */
const BASE_COMMANDS = ["nsenter", "unshare", "setpriv", "flock", "mount", "pivot_root", "perl", "tar"];

/** Where Debian has all of the packages. */
const ARCHITECTURES = ["amd64", "arm64", "ppc64el", "riscv64", "s390x"];

/** A sandbox cannot run on this machine; its message says what is missing and what to do about it. */
export class CannotRun extends Error {
	/** @param {string[]} missing */
	constructor(missing) {
		super(`a sandbox cannot run here. Missing:\n${missing.map((line) => `- ${line}`).join("\n")}`);
	}
}

/** What even `down` and `status` need. @throws {CannotRun} */
export function requireBasics() {
	if (process.platform !== "linux") {
		throw new CannotRun(["Linux: a sandbox is made of network namespaces and cgroups. Use a Linux machine or a virtual one."]);
	}
	if (process.getuid() !== 0) throw new CannotRun(["root: run it as root, for instance by sudo."]);
}

/** What a new sandbox needs, tried out before anything is changed. @returns {Promise<void>} @throws {CannotRun} */
export async function requireEverything() {
	const commands = missingCommands();
	const missing = commands.length > 0 ? commands : [...(await missingPackages()), ...(await missingFromKernel())];
	if (missing.length > 0) throw new CannotRun(missing);
}

function missingCommands() {
	const missing = [];
	if (!hasCommand("apt-get")) {
		missing.push(
			"apt-get: engine, registry and ingress are Debian packages. Use a Debian machine, or a container of one with --privileged.",
		);
	}
	for (const command of BASE_COMMANDS) {
		if (!hasCommand(command)) missing.push(`the command ${command}: install util-linux, mount, perl-base and tar.`);
	}
	return missing;
}

async function missingPackages() {
	const missing = [];
	const architecture = (await run("dpkg", ["--print-architecture"])).trim();
	if (!ARCHITECTURES.includes(architecture)) {
		missing.push(`packages for ${architecture}: Debian has them for ${ARCHITECTURES.join(", ")}. Use such a machine.`);
	}
	if (!(await debianMirror())) {
		missing.push(`a Debian mirror: apt on this machine knows none. Set ${MIRROR_VARIABLE} to the URL of one.`);
	}
	return missing;
}

/** Tries it out, in namespaces that end with the probe. */
async function missingFromKernel() {
	mkdirSync(sandboxDir, { recursive: true });
	const folder = mkdtempSync(join(sandboxDir, "probe-"));
	try {
		for (const part of ["lower", "upper", "work", "root"]) mkdirSync(join(folder, part));
		const args = ["--mount", "--net", "--propagation", "private", probeScript, folder];
		const said = await run("unshare", args).catch((error) => `namespaces: ${error.message}. A container needs --privileged.\n`);
		return said.split("\n").filter(Boolean);
	} finally {
		rmSync(folder, { recursive: true, force: true });
		if (readdirSync(sandboxDir).length === 0) rmdirSync(sandboxDir);
	}
}
