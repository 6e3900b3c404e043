// Owns the one catch around tools: what a call answers, in the form clients read, whatever happens in it.
import { randomUUID } from "node:crypto";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { DeploymillError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { readArguments } from "./arguments.ts";
import type { Tool, ToolContext } from "./tool.ts";

/** Never throws. Everything that leaves is masked here, once. */
export async function answer(tool: Tool, args: unknown, context: ToolContext, redactor: Redactor): Promise<CallToolResult> {
	try {
		const { content, failed } = await tool.call(readArguments(tool, args), context);
		const masked = redactor.maskDeep(content);
		return { content: [asText(masked)], structuredContent: masked, ...(failed ? { isError: true } : {}) };
	} catch (error) {
		return refusal(error, tool.name, context, redactor);
	}
}

/** An error body that does not fit the tool's output schema makes clients drop it, so it goes out as text alone. */
export function refusal(error: unknown, toolName: string, { engine }: Pick<ToolContext, "engine">, redactor: Redactor): CallToolResult {
	const known = error instanceof DeploymillError ? error : unknownFault(error, toolName, engine.log);
	return { content: [asText(redactor.maskDeep({ error: known.toBody() }))], isError: true };
}

/** Nobody has looked over its words, so none of them leave: they stand in the log, under an id. */
function unknownFault(error: unknown, toolName: string, log: ToolContext["engine"]["log"]): DeploymillError {
	const faultId = randomUUID().slice(0, 8);
	log.error(
		{ faultId, tool: toolName, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
		"a tool call failed",
	);
	return new DeploymillError("internal", `A fault of deploymill, recorded in its log as ${faultId}.`, { details: { faultId } });
}

function asText(content: unknown): { type: "text"; text: string } {
	return { type: "text", text: JSON.stringify(content) };
}
