// Runs `deploymill watch` beside a test, and reads what it prints line by line.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { EventMessage } from "../../src/engine/ports/event-receiver.ts";
import { program } from "./deploymill.ts";
import { until } from "./until.ts";

export class Watcher implements AsyncDisposable {
	readonly #child: ChildProcess;
	readonly #stderr: Promise<string>;
	readonly #closed: Promise<unknown>;
	#printed = "";

	constructor(env: Record<string, string>, ...args: string[]) {
		const { PATH = "", HOME = "" } = process.env;
		const child = spawn(program.command, [program.file, "watch", ...args], {
			env: { PATH, HOME, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		child.stdout.setEncoding("utf8").on("data", (piece: string) => {
			this.#printed += piece;
		});
		this.#stderr = text(child.stderr);
		this.#closed = once(child, "exit");
		this.#child = child;
	}

	/** Whole lines so far. */
	get lines(): string[] {
		return this.#printed.split("\n").slice(0, -1);
	}

	whenPrinted(count: number): Promise<string[]> {
		return until(
			async () => this.lines,
			(lines) => lines.length >= count,
			60_000,
		);
	}

	/** The line that tells of a deployment, as soon as it is there. */
	async whenToldOf(deploymentId: string): Promise<string> {
		const of = (lines: string[]) => lines.find((line) => line.includes(deploymentId));
		return of(
			await until(
				async () => this.lines,
				(lines) => of(lines) !== undefined,
			),
		)!;
	}

	/** Names of the events of a deployment, with --json, as soon as the last of them is this. */
	async eventsOf(deploymentId: string, last: string): Promise<string[]> {
		const names = () =>
			this.lines
				.map((line) => JSON.parse(line) as EventMessage)
				.filter((event) => event.deploymentId === deploymentId)
				.map(({ event }) => event);
		return until(
			async () => names(),
			(seen) => seen.at(-1) === last,
		);
	}

	/** Nobody reads what it prints from here on. */
	leave(): void {
		this.#child.stdout?.destroy();
	}

	signal(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** How it ended, when it has. */
	async ended(): Promise<{ code: number | null; stderr: string }> {
		await this.#closed;
		return { code: this.#child.exitCode, stderr: await this.#stderr };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.#closed;
	}
}
