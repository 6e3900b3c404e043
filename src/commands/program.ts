// Defines the command line: which commands there are, with their options and their help. What a command does is loaded when it is called.
import { Command, InvalidArgumentError } from "commander";
import { parsePort } from "../config/host-name.ts";
import { catalogue } from "../mcp/catalogue.ts";
import { version } from "../version.ts";
import { completionScript, shells } from "./completion.ts";
import { help } from "./help.ts";
import type { Session } from "./session.ts";

export function createProgram(session: Session): Command {
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
		.action(async () => (await import("./serve.ts")).serve(session));
	program
		.command("call")
		.description("make one tool call and print the result")
		.argument("<tool>", "name of the tool, e.g. list_deployments")
		.argument("[json]", "its arguments as a JSON object; - reads them from stdin, @FILE from a file", "{}")
		.addHelpText("after", help.call)
		.action(async (tool, json) => (await import("./call.ts")).call(tool, json, session));
	program
		.command("history")
		.description("show the timeline of an application: what is live, what was bad, what can be gone back to")
		.argument("<applicationId>", "from deploymill call list_applications")
		.option("--html <file>", "write it as one page that needs no other file and no network")
		.option("--limit <number>", "how many deployments, newest first", historyLimit, 50)
		.addHelpText("after", help.history)
		.action(async (applicationId, options) => (await import("./history.ts")).history(applicationId, options, session));
	program
		.command("doctor")
		.description("check everything that a deploy needs, and say how to fix each failure")
		.option("--json", "print one JSON object: {ok, checks: [{name, ok, status, detail, cure?, output?}]}")
		.option("--notify", "send one test event to DEPLOYMILL_NOTIFY_URL")
		.addHelpText("after", help.doctor)
		.action(async (options) => (await import("./doctor.ts")).doctor(options, session));
	program
		.command("watch")
		.description("print how deployments end, as it happens")
		.option("--json", "print one JSON object a line, as it is sent to DEPLOYMILL_NOTIFY_URL")
		.option("--since <time>", "begin with earlier ones, since then: 10m, 2h, 1d or ISO 8601")
		.addHelpText("after", help.watch)
		.action(async (options) => (await import("./watch.ts")).watch(options, session));
	program
		.command("init")
		.description("prepare a Docker host: swarm, overlay network, registry with a password, ingress; shows its plan first")
		.option("--dry-run", "show the plan and change nothing")
		.option("--yes", "carry it out without asking")
		.option("--advertise-addr <address>", "address or interface at which other nodes reach this one, for a new swarm")
		.option("--no-registry", "make no registry")
		.option("--registry-image <image>", "image of the registry", "registry:2")
		.option("--registry-port <port>", "port of the nodes that the registry listens on", portNumber, 5000)
		.option("--no-ingress", "make no ingress")
		.option("--ingress-image <image>", "image of Traefik", "traefik:v3")
		.option("--email <address>", "for Let's Encrypt, which the ingress gets certificates from")
		.addHelpText("after", help.init)
		.action(async (options) => (await import("./init.ts")).init(options, session));
	program
		.command("completion")
		.description("print a script that completes commands, options and tool names")
		.argument("<shell>", shells.join(" or "))
		.addHelpText("after", help.completion)
		.action((shell) => {
			process.stdout.write(completionScript(shell, program, toolNames()));
		});
	return program;
}

function portNumber(text: string): number {
	const port = parsePort(text);
	if (port === undefined) throw new InvalidArgumentError("expected 1-65535.");
	return port;
}

function historyLimit(text: string): number {
	const limit = Number(text);
	if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new InvalidArgumentError("expected 1-1000.");
	return limit;
}

function toolNames(): string[] {
	return catalogue(false).map(({ name }) => name);
}
