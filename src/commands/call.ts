// Runs `deploymill call`: one tool call from a shell or a CI script.
import { readSettings } from "../config/settings.ts";
import { didYouMean } from "../config/suggestion.ts";
import { deliverWithin } from "../engine/events/keep-delivering.ts";
import { DeploymillError } from "../errors.ts";
import { askAtTerminal } from "../mcp/ask-person.ts";
import { catalogue, findTool } from "../mcp/catalogue.ts";
import { progressNotes } from "../mcp/progress.ts";
import { nameRequester } from "../mcp/requester.ts";
import { callTool } from "../mcp/server.ts";
import { WorkLimits } from "../mcp/work-limits.ts";
import { version } from "../version.ts";
import { wire } from "../wire.ts";
import { readCallArguments } from "./call-arguments.ts";
import type { Session } from "./session.ts";

/** At its end, for events that wait: where a job ends with its call, and its workers with the job, nobody else would send them. */
const deliveryMs = 3_000;

/**
 * Prints the structured result on stdout, progress on stderr. Exit code 1 where the tool answers an error.
 * @throws invalid_input for a tool that is not there and for arguments that are no JSON object, before anything is opened
 */
export async function call(tool: string, json: string, { redactor }: Session): Promise<void> {
	requireTool(tool);
	const args = await readCallArguments(json, process.stdin);
	const { engine, secrets, settings, removeLeftovers, close } = wire(process.env, readSettings(process.env), redactor);
	const interrupted = new AbortController();
	process.once("SIGINT", () => interrupted.abort());
	const onProgress = progressNotes(({ message }) => console.error(redactor.mask(message)));
	const context = {
		engine,
		requestedBy: nameRequester({ name: "deploymill", version: "call" }, engine.untrusted),
		signal: interrupted.signal,
		limits: new WorkLimits(),
		onProgress,
		...askAtTerminal({ input: process.stdin, output: process.stderr }),
	};
	try {
		const result = await callTool(tool, args, context, {
			engine,
			redactor,
			secrets,
			version,
			readOnly: settings.readOnly,
			approve: settings.approve,
		});
		const [text] = result.content;
		const body: unknown = result.structuredContent ?? JSON.parse(text?.type === "text" ? text.text : "null");
		console.log(JSON.stringify(body, null, 2));
		process.exitCode = result.isError ? 1 : 0;
	} finally {
		await Promise.all([deliverWithin(engine, deliveryMs), removeLeftovers()]);
		close();
	}
}

function requireTool(name: string): void {
	if (findTool(name)) return;
	const names = catalogue(false).map((tool) => tool.name);
	throw new DeploymillError("invalid_input", `There is no tool ${JSON.stringify(name.slice(0, 60))}${didYouMean(name, names)}`, {
		hint: `Tools: ${names.join(", ")}.`,
	});
}
