// Runs one command, and sets the process's exit code by how it ended.
import { deploymentFrom, standbyArgument } from "../adapters/standby-worker.ts";
import { DeploymillError } from "../errors.ts";
import { Session } from "./session.ts";

const failed = 1;
const badUsage = 2;

/** Sets the exit code; a command that serves goes on after this returns. */
export async function main(argv: string[]): Promise<void> {
	const session = new Session(process.env);
	session.watchProcess();
	try {
		await run(argv, session);
	} catch (error) {
		process.exitCode = report(error, session);
	}
}

/** A worker is started by a server and not by a person: it does without the command line, which knows every command and tool. */
async function run(argv: string[], session: Session): Promise<void> {
	const [, , command, deploymentId, logName = ""] = argv;
	if (command === "worker" && deploymentId !== undefined) {
		const told = deploymentId === standbyArgument ? deploymentFrom(process.stdin, logName) : deploymentId;
		const { work } = await import("./work.ts");
		return work(told, session);
	}
	const { createProgram } = await import("./program.ts");
	await createProgram(session).parseAsync(argv);
}

function report(error: unknown, session: Session): number {
	// commander has told it already; help and version are no errors.
	if (isCommanderError(error)) return error.exitCode === 0 ? 0 : badUsage;
	session.tell(error);
	return error instanceof DeploymillError && error.code === "invalid_input" ? badUsage : failed;
}

function isCommanderError(error: unknown): error is Error & { exitCode: number } {
	return error instanceof Error && error.name === "CommanderError" && "exitCode" in error;
}
