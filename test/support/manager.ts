// Makes a Swarm manager that people log in to by ssh: a real sshd, a user `deploy` in the group `docker`, deploymill installed.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chown, copyFile, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CommandResult, run } from "./command.ts";
import { Deploymill } from "./deploymill.ts";
import { closedPort } from "./server.ts";
import { until } from "./until.ts";

const root = join(import.meta.dirname, "../..");
const init = join(import.meta.dirname, "manager-init.sh");
const team = join(root, "packaging/team");
const execute = promisify(execFile);

/** Its processes end with the tests, in whatever way those end: the first one is killed, and its pid namespace goes with it. */
const ownMachine = [
	...["--pdeathsig", "KILL", "unshare", "--kill-child", "--fork", "--pid", "--mount", "--mount-proc", "--uts"],
	...["--propagation", "private", init],
];

export interface ManagerOptions {
	/** Takes all that the manager has of its own; goes away with whoever made it. */
	folder: string;
	/** Name that clients know it by. */
	name: string;
	/** Path of the engine's socket. */
	dockerSocket: string;
	/** Settings that all share, in `~/.config/deploymill/env`. */
	settings: Record<string, string>;
	/** Further text for sshd's configuration, before what deploymill ships. */
	sshd: string;
}

/** A key on a machine of its own. */
export interface Person {
	name: string;
	/** What sshd sees them come from: an address of this machine. */
	address: string;
	/** Options of the key in authorized_keys, such as a forced command. */
	keyOptions?: string;
}

export interface ManagerProcess {
	pid: number;
	parent: number;
	command: string[];
	env: string[];
}

export class Manager implements AsyncDisposable {
	readonly #options: ManagerOptions;
	readonly #uid: number;
	readonly #port: number;
	#machine: ChildProcess | undefined;
	#mountNamespace = "";
	#said = "";

	private constructor(options: ManagerOptions, uid: number, port: number) {
		this.#options = options;
		this.#uid = uid;
		this.#port = port;
	}

	static async start(options: ManagerOptions): Promise<Manager> {
		const manager = new Manager(options, await freeUid(), await closedPort());
		const packages = await bringOpenSsh(options.folder);
		await manager.#furnish();
		await manager.#boot(packages);
		return manager;
	}

	/** A file or folder of the manager's user, as it lies on this machine. */
	home(path = ""): string {
		return join(this.#options.folder, "home/deploy", path);
	}

	/** The user `deploy`, by number. */
	get uid(): number {
		return this.#uid;
	}

	/** Gives a person a key, and lets it in. */
	async letIn({ name, address, keyOptions = "" }: Person): Promise<void> {
		const key = this.#client(name);
		await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `${name}@laptop`, "-f", key]);
		await appendFile(this.home(".ssh/authorized_keys"), `${keyOptions} ${await readFile(`${key}.pub`, "utf8")}`.trimStart());
		const config = [
			`Host ${this.#options.name}`,
			...["HostName 127.0.0.1", `Port ${this.#port}`, `BindAddress ${address}`, `IdentityFile "${key}"`],
			...["IdentitiesOnly yes", "IdentityAgent none", "StrictHostKeyChecking yes", `HostKeyAlias ${this.#options.name}`],
			...[`UserKnownHostsFile "${this.#client("known_hosts")}"`, "GlobalKnownHostsFile /dev/null"],
		];
		await writeFile(`${key}.config`, `${config.join("\n")}\n`);
	}

	/** An MCP client on the person's machine. @param args of ssh, as in the client's configuration */
	connect(person: string, args: string[], env: Record<string, string> = {}): Promise<Deploymill> {
		return Deploymill.connect({ command: "ssh", args: ["-F", `${this.#client(person)}.config`, ...args], env });
	}

	/** ssh in the person's terminal, to its end. */
	ssh(person: string, args: string[]): Promise<CommandResult> {
		return run("ssh", ["-F", `${this.#client(person)}.config`, ...args], { PATH: process.env.PATH ?? "" });
	}

	/** The server that the person's client talks to, if it runs. */
	async serverOf({ address }: Person): Promise<ManagerProcess | undefined> {
		const isTheirs = ({ command, env }: ManagerProcess) =>
			command.at(-1) === "serve" && env.some((variable) => variable.startsWith(`SSH_CONNECTION=${address} `));
		return (await this.processes()).find(isTheirs);
	}

	/** The worker of a deployment, if it runs. */
	async workerOf(deploymentId: string): Promise<ManagerProcess | undefined> {
		// One that began before its deployment was known names it in its title, which is one word to the kernel.
		return (await this.processes()).find(({ command }) => command.join(" ").endsWith(` worker ${deploymentId}`));
	}

	/** All that runs on the manager. */
	async processes(): Promise<ManagerProcess[]> {
		const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
		const found = await Promise.all(pids.map((pid) => readProcess(Number(pid), this.#mountNamespace)));
		return found.filter((process) => process !== undefined);
	}

	/** Switches it off. */
	async [Symbol.asyncDispose](): Promise<void> {
		const machine = this.#machine;
		if (!machine || machine.exitCode !== null || machine.signalCode !== null) return;
		const exited = once(machine, "exit");
		// Its first process, not what started that one: so it is waited for, and leaves nothing.
		for (const { pid, parent } of await this.processes()) if (parent === machine.pid) process.kill(pid, "SIGKILL");
		await exited;
		await until(
			() => this.processes(),
			(left) => left.length === 0,
		);
	}

	#client(file: string): string {
		return join(this.#options.folder, "clients", file);
	}

	async #furnish(): Promise<void> {
		const { folder, dockerSocket, settings, name, sshd } = this.#options;
		for (const path of ["etc/ssh/sshd_config.d", "usr/local/bin", "home/deploy/.ssh", "home/deploy/.config/deploymill", "clients"]) {
			await mkdir(join(folder, path), { recursive: true, mode: 0o755 });
		}
		const { gid } = await stat(dockerSocket);
		const accounts = [`deploy:*:${this.#uid}:${this.#uid}::/home/deploy:/bin/sh`, "sshd:*:65533:65534::/run/sshd:/usr/sbin/nologin"];
		await writeFile(join(folder, "etc/passwd"), await withLines("/etc/passwd", accounts));
		await writeFile(join(folder, "etc/group"), await withLines("/etc/group", [`docker:*:${gid}:deploy`, `deploy:*:${this.#uid}:`]));

		await copyFile(join(team, "deploymill"), join(folder, "usr/local/bin/deploymill"));
		await symlink("/opt/deploymill/node_modules/deploymill/node_modules/.bin/node", join(folder, "usr/local/bin/node"));
		const lines = Object.entries(settings).map(([variable, value]) => `${variable}=${value}\n`);
		await writeFile(this.home(".config/deploymill/env"), lines.join(""), { mode: 0o600 });
		await writeFile(this.home(".ssh/authorized_keys"), "", { mode: 0o600 });
		for (const path of ["", ".ssh", ".ssh/authorized_keys", ".config", ".config/deploymill", ".config/deploymill/env"]) {
			await chown(this.home(path), this.#uid, this.#uid);
		}

		const hostKey = join(folder, "etc/ssh/ssh_host_ed25519_key");
		await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", hostKey]);
		await writeFile(this.#client("known_hosts"), `${name} ${await readFile(`${hostKey}.pub`, "utf8")}`);
		// As on Debian, but for PAM, which knows the machine's users alone.
		const config = ["Include /etc/ssh/sshd_config.d/*.conf", "ListenAddress 127.0.0.1", `Port ${this.#port}`, "UsePAM no", "PidFile none"];
		await writeFile(join(folder, "etc/ssh/sshd_config"), `${config.join("\n")}\n`);
		await writeFile(join(folder, "etc/ssh/sshd_config.d/a-test.conf"), sshd);
		await copyFile(join(team, "deploymill.conf"), join(folder, "etc/ssh/sshd_config.d/deploymill.conf"));
	}

	async #boot(packages: string): Promise<void> {
		const { folder, dockerSocket } = this.#options;
		const machine = spawn("setpriv", [...ownMachine, folder, root, dockerSocket, packages], {
			stdio: ["ignore", "ignore", "pipe"],
		});
		this.#machine = machine;
		const listens = new Promise<void>((resolve, reject) => {
			machine.stderr.setEncoding("utf8").on("data", (text: string) => {
				this.#said += text;
				if (this.#said.includes("Server listening on")) resolve();
			});
			machine.once("error", reject);
			machine.once("exit", (code) => reject(new Error(`the manager ended with ${code}: ${this.#said}`)));
		});
		await listens;
		this.#mountNamespace = await mountNamespaceOf(machine.pid ?? 0);
	}
}

/** Brings ssh to this machine where it is missing, and sshd beside it. @returns a tree with `usr` in it; empty where this machine has sshd */
async function bringOpenSsh(folder: string): Promise<string> {
	const program = `
		const [{ ensureCommands, hasCommand }, { unpackedPackage }] = await Promise.all(process.argv.slice(1).map((file) => import(file)));
		await ensureCommands(["ssh"]);
		if (!hasCommand("sshd")) console.log(await unpackedPackage("openssh-server"));
	`;
	const scripts = ["host-packages.mjs", "unpacked-package.mjs"].map((file) => join(root, "test/sandbox", file));
	const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", program, ...scripts]);
	if (stdout !== "") return stdout.trim();
	const nothing = join(folder, "nothing");
	await mkdir(join(nothing, "usr"), { recursive: true });
	return nothing;
}

/** A file of the machine, with these accounts in place of those of the same names. */
async function withLines(file: string, lines: string[]): Promise<string> {
	const nameOf = (line: string) => line.split(":")[0];
	const ours = new Set(lines.map(nameOf));
	const theirs = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "" && !ours.has(nameOf(line)));
	return `${[...theirs, ...lines].join("\n")}\n`;
}

/** A user number that nobody on this machine has. */
async function freeUid(): Promise<number> {
	const used = new Set((await readFile("/etc/passwd", "utf8")).split("\n").map((line) => Number(line.split(":")[2])));
	for (let uid = 30_000; ; uid++) if (!used.has(uid)) return uid;
}

/** Undefined also for a process that ended meanwhile. */
async function readProcess(pid: number, mountNamespace: string): Promise<ManagerProcess | undefined> {
	try {
		if ((await mountNamespaceOf(pid)) !== mountNamespace) return undefined;
		const [status, command, env] = await Promise.all(
			["status", "cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
		);
		const parent = Number(/^PPid:\s+(\d+)/m.exec(status ?? "")?.[1]);
		return { pid, parent, command: words(command), env: words(env) };
	} catch {
		return undefined;
	}
}

const mountNamespaceOf = (pid: number) => readlink(`/proc/${pid}/ns/mnt`);
const words = (text = "") => text.split("\0").filter(Boolean);
