// Owns `deploymill call`: one tool call from a shell or a CI script.

import { DeploymillError } from "../errors.ts";
import { progressNotes } from "../mcp/progress.ts";
import { callTool, localUser } from "../mcp/server.ts";
import { version } from "../version.ts";
import { wire } from "../wire.ts";

/** Prints the structured result on stdout, progress on stderr. Exit code 1 where the tool answers an error. */
export async function call(tool: string, json: string): Promise<void> {
	const args = parse(json);
	const { engine, redactor, settings, close } = wire(process.env);
	const interrupted = new AbortController();
	process.once("SIGINT", () => interrupted.abort());
	const onProgress = progressNotes(({ message }) => console.error(redactor.mask(message)));
	const context = { engine, requestedBy: `deploymill call (${localUser()})`, signal: interrupted.signal, onProgress };
	try {
		const result = await callTool(tool, args, context, { engine, redactor, version, readOnly: settings.readOnly });
		const [text] = result.content;
		const body: unknown = result.structuredContent ?? JSON.parse(text?.type === "text" ? text.text : "null");
		console.log(JSON.stringify(body, null, 2));
		process.exitCode = result.isError ? 1 : 0;
	} finally {
		close();
	}
}

function parse(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch (cause) {
		throw new DeploymillError(
			"invalid_input",
			`json: got ${JSON.stringify(json.slice(0, 60))}, expected a JSON object, e.g. '{"applicationId": "hello"}'.`,
			{
				hint: "Quote the whole object for your shell.",
				cause,
			},
		);
	}
}
