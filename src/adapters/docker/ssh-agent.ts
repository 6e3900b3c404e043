// Connects to a Docker Engine through the user's own ssh program, as the docker CLI makes them.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { HttpAgent } from "./http-agents.ts";

/**
 * An HTTP agent whose connections are `ssh HOST docker system dial-stdio`. Running ssh, and not docker-modem's client
 * in its place, keeps the user's configuration, keys, agent and above all known_hosts in force: docker-modem takes any host key.
 */
export class SshAgent extends HttpAgent {
	readonly #command: string[];

	/** `ssh://[user@]host[:port][/path/of/socket]` */
	constructor(url: URL, maxSockets: number) {
		super({ keepAlive: true, maxSockets });
		this.#command = sshArguments(url);
	}

	override createConnection(_options: unknown, _callback: unknown): Duplex {
		return new SshSocket(spawn("ssh", this.#command, { stdio: "pipe" }));
	}
}

function sshArguments(url: URL): string[] {
	// The host stands behind `--`, so that one like `-oProxyCommand=…` is no option.
	const remoteSocket = url.pathname.length > 1 ? ["--host", `unix://${decodeURIComponent(url.pathname)}`] : [];
	return [
		...["-T", "-o", "ConnectTimeout=15", "-o", "BatchMode=yes"],
		...(url.username ? ["-l", decodeURIComponent(url.username)] : []),
		...(url.port ? ["-p", url.port] : []),
		...["--", url.hostname.replace(/^\[|\]$/g, ""), "docker", ...remoteSocket, "system", "dial-stdio"],
	];
}

/** ssh's standard streams with the few methods of a socket that node's HTTP client calls. */
class SshSocket extends Duplex {
	readonly #ssh: ChildProcessWithoutNullStreams;
	#complaint = "";

	constructor(ssh: ChildProcessWithoutNullStreams) {
		super();
		this.#ssh = ssh;
		ssh.stdout.on("data", (chunk: Buffer) => this.push(chunk) || ssh.stdout.pause());
		ssh.stderr.on("data", (chunk: Buffer) => {
			this.#complaint = (this.#complaint + chunk).slice(-500);
		});
		// Why ssh takes no more is known when it has ended.
		ssh.stdin.on("error", () => ssh.kill());
		ssh.on("error", (error) => this.destroy(this.#failure(error)));
		ssh.on("close", (code) => (code === 0 ? this.push(null) : this.destroy(this.#failure())));
	}

	override _read(): void {
		this.#ssh.stdout.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
		this.#ssh.stdin.write(chunk, () => done());
	}

	override _final(done: () => void): void {
		this.#ssh.stdin.end(done);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		this.#ssh.kill();
		done(error);
	}

	setKeepAlive(): this {
		return this;
	}

	setNoDelay(): this {
		return this;
	}

	setTimeout(): this {
		return this;
	}

	/** An idle connection must not keep the process alive; the agent calls these two. */
	unref(): this {
		return this.#eachHandle("unref");
	}

	ref(): this {
		return this.#eachHandle("ref");
	}

	#eachHandle(action: "ref" | "unref"): this {
		this.#ssh[action]();
		for (const stream of this.#ssh.stdio) (stream as unknown as Record<typeof action, (() => void) | undefined> | null)?.[action]?.();
		return this;
	}

	#failure(cause?: Error): Error {
		const complaint = this.#complaint.trim() || cause?.message || "ssh ended without a word";
		return Object.assign(new Error(complaint, { cause }), { code: "ERR_SSH" });
	}
}
