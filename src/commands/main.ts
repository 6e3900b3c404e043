// Owns the command line: which commands there are, and what their exit codes mean.
import { Command, CommanderError } from "commander";
import { DeploymillError } from "../errors.ts";
import { version } from "../version.ts";
import { call } from "./call.ts";
import { serve } from "./serve.ts";
import { work } from "./work.ts";

const badUsage = 2;

/** Sets the exit code; a command that serves goes on after this returns. */
export async function main(argv: string[]): Promise<void> {
	const program = new Command("deploymill")
		.description("Lets an AI agent deploy to Docker Swarm, and take it back in seconds. Without a command: serve.")
		.version(version)
		.exitOverride()
		.showHelpAfterError();
	program.command("serve", { isDefault: true }).description("speak MCP on stdin and stdout").action(serve);
	program
		.command("call")
		.description("make one tool call and print the result; exit 1 for a tool error, 2 for bad usage")
		.argument("<tool>", "name of the tool, e.g. list_deployments")
		.argument("[json]", "its arguments as a JSON object", "{}")
		.action(call);
	program.command("worker", { hidden: true }).argument("<deploymentId>").action(work);
	try {
		await program.parseAsync(argv);
	} catch (error) {
		process.exitCode = report(error);
	}
}

function report(error: unknown): number {
	// commander has told it already; help and version are no errors.
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
	if (!(error instanceof DeploymillError)) throw error;
	console.error(`deploymill: ${error.message}\n${error.hint}`);
	return badUsage;
}
