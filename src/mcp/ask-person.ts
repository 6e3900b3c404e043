// Asks the person in front of the client: by elicitation, or at the terminal.
import { createInterface } from "node:readline/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { AskPerson, ToolContext } from "./tool.ts";

/** People are called away; a question does not wait for them for ever. */
const patienceMs = 10 * 60_000;

/** Without `askPerson` where the client did not declare that it can. */
export function askByElicitation(server: Server): Pick<ToolContext, "askPerson"> {
	if (!server.getClientCapabilities()?.elicitation?.form) return {};
	const askPerson: AskPerson = async (question, signal) => {
		const form = { mode: "form" as const, message: question, requestedSchema: { type: "object" as const, properties: {} } };
		try {
			const { action } = await server.elicitInput(form, { signal, timeout: patienceMs });
			return answers[action];
		} catch (error) {
			signal.throwIfAborted();
			if (error instanceof McpError && error.code !== ErrorCode.ConnectionClosed) return "no_answer";
			throw error;
		}
	};
	return { askPerson };
}

/** The protocol's own words for the three. */
const answers = { accept: "agreed", decline: "declined", cancel: "dismissed" } as const;

interface Terminal {
	input: NodeJS.ReadStream;
	output: NodeJS.WriteStream;
}

/** Without `askPerson` where nobody sits at a terminal. */
export function askAtTerminal({ input, output }: Terminal): Pick<ToolContext, "askPerson"> {
	if (!input.isTTY || !output.isTTY) return {};
	const askPerson: AskPerson = async (question, signal) => {
		const lines = createInterface({ input, output });
		try {
			const answer = await lines.question(`${question}\nType yes to go on: `, { signal });
			return answer.trim().toLowerCase() === "yes" ? "agreed" : "declined";
		} finally {
			lines.close();
		}
	};
	return { askPerson };
}
