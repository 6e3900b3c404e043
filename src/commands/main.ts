// Reads the command line: which commands there are, and what their exit codes mean.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { parsePort } from "../config/host-name.ts";
import { DeploymillError } from "../errors.ts";
import { catalogue } from "../mcp/catalogue.ts";
import { version } from "../version.ts";
import { call } from "./call.ts";
import { completionScript, shells } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { help } from "./help.ts";
import { init } from "./init.ts";
import { serve } from "./serve.ts";
import { Session } from "./session.ts";
import { work } from "./work.ts";

const failed = 1;
const badUsage = 2;

/** Sets the exit code; a command that serves goes on after this returns. */
export async function main(argv: string[]): Promise<void> {
	const session = new Session(process.env);
	session.watchProcess();
	const program = createProgram(session);
	try {
		await program.parseAsync(argv);
	} catch (error) {
		process.exitCode = report(error, session);
	}
}

function createProgram(session: Session): Command {
	const program = new Command("deploymill")
		.description("Lets an AI agent deploy to Docker Swarm, and take it back in seconds. Without a command: serve.")
		.version(version)
		.exitOverride()
		.showHelpAfterError("(deploymill --help tells more)")
		.addHelpText("after", help.program);
	program
		.command("serve", { isDefault: true })
		.description("speak MCP on stdin and stdout, until the client leaves")
		.addHelpText("after", help.serve)
		.action(() => serve(session));
	program
		.command("call")
		.description("make one tool call and print the result")
		.argument("<tool>", "name of the tool, e.g. list_deployments")
		.argument("[json]", "its arguments as a JSON object; - reads them from stdin, @FILE from a file", "{}")
		.addHelpText("after", help.call)
		.action((tool, json) => call(tool, json, session));
	program
		.command("doctor")
		.description("check everything that a deploy needs, and name the cure of each failure")
		.option("--json", "print one JSON object: {ok, checks: [{name, ok, status, detail, cure?, output?}]}")
		.addHelpText("after", help.doctor)
		.action((options) => doctor(options, session));
	program
		.command("init")
		.description("prepare a Docker host: swarm, overlay network, registry with a password, ingress; shows its plan first")
		.option("--dry-run", "show the plan and make nothing")
		.option("--yes", "make it without asking")
		.option("--advertise-addr <address>", "address or interface at which other nodes reach this one, for a new swarm")
		.option("--no-registry", "make no registry")
		.option("--registry-image <image>", "image of the registry", "registry:2")
		.option("--registry-port <port>", "port of the nodes that the registry listens on", portNumber, 5000)
		.option("--no-ingress", "make no ingress")
		.option("--ingress-image <image>", "image of Traefik", "traefik:v3")
		.option("--email <address>", "for Let's Encrypt, which the ingress gets certificates from")
		.addHelpText("after", help.init)
		.action((options) => init(options, session));
	program
		.command("completion")
		.description("print a script that completes commands, options and tool names")
		.argument("<shell>", shells.join(" or "))
		.addHelpText("after", help.completion)
		.action((shell) => {
			process.stdout.write(completionScript(shell, program, toolNames()));
		});
	program
		.command("worker", { hidden: true })
		.argument("<deploymentId>")
		.action((deploymentId) => work(deploymentId, session));
	return program;
}

function portNumber(text: string): number {
	const port = parsePort(text);
	if (port === undefined) throw new InvalidArgumentError("expected 1-65535.");
	return port;
}

function toolNames(): string[] {
	return catalogue(false).map(({ name }) => name);
}

function report(error: unknown, session: Session): number {
	// commander has told it already; help and version are no errors.
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
	session.tell(error);
	return error instanceof DeploymillError && error.code === "invalid_input" ? badUsage : failed;
}
