// Runs the built command line, as a shell or a CI job does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { program } from "./deploymill.ts";

export interface CommandResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

interface CommandOptions {
	/** User to run as. */
	uid?: number;
	/** Folder to run in. */
	cwd?: string;
	/** What the program reads from stdin; nothing where absent. */
	input?: string;
}

/** Runs a program to its end. */
export async function run(
	command: string,
	args: string[],
	env: Record<string, string>,
	{ input, ...options }: CommandOptions = {},
): Promise<CommandResult> {
	const child = spawn(command, args, { env, stdio: "pipe", ...options });
	child.stdin.on("error", () => undefined);
	child.stdin.end(input);
	const [[code], stdout, stderr] = await Promise.all([
		once(child, "close") as Promise<[number | null]>,
		text(child.stdout),
		text(child.stderr),
	]);
	return { code, stdout, stderr };
}

/** Runs `deploymill …args`. @param env its whole environment, beside PATH and HOME where it names none */
export function runDeploymill(args: string[], env: Record<string, string>, options: CommandOptions = {}): Promise<CommandResult> {
	const { PATH = "", HOME = "" } = process.env;
	return run(program.command, [program.file, ...args], { PATH, HOME, ...env }, options);
}
