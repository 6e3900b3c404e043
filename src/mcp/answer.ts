// Answers a call in the form clients read, whatever happens in it: the one catch around tools.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { DeploymillError } from "../errors.ts";
import { faultNotice, recordFault } from "../fault.ts";
import type { Redactor } from "../redact.ts";
import { readArguments } from "./arguments.ts";
import { nextOfRefusal } from "./next.ts";
import type { Tool, ToolContext } from "./tool.ts";

/** What has to be known before stored text is shown: other processes wrote some of it, and other applications own some. */
export interface KnownSecrets {
	/** Adds the env values of all applications, also those that another process set meanwhile. @throws where they cannot be read */
	lookForEnvValues(): void;
	/** Resolves when docker's credential helpers have answered, or their time is over. Never rejects. */
	logins: Promise<void>;
}

/** What a call passes on its way out. */
export interface Exit {
	redactor: Redactor;
	secrets: KnownSecrets;
}

/** Never throws. Everything that leaves is masked here, once. */
export async function answer(tool: Tool, args: unknown, context: ToolContext, { redactor, secrets }: Exit): Promise<CallToolResult> {
	try {
		const input = readArguments(tool, args);
		secrets.lookForEnvValues();
		// A call that acts does not wait for a helper that may hang, but for its answer it does.
		if (tool.hints.readOnlyHint) await secrets.logins;
		const { content, failed } = await tool.call(input, context);
		await secrets.logins;
		const masked = redactor.maskDeep(content);
		return { content: [asText(masked)], structuredContent: masked, ...(failed ? { isError: true } : {}) };
	} catch (error) {
		return refusal(error, tool.name, context, redactor);
	}
}

/**
 * An error body that does not fit the tool's output schema makes clients drop it, so it goes out as text alone. Never throws: an
 * error that cannot be told is a fault too.
 */
export function refusal(error: unknown, toolName: string, context: Pick<ToolContext, "engine">, redactor: Redactor): CallToolResult {
	const tell = (known: DeploymillError): CallToolResult => {
		const next = nextOfRefusal(known);
		return { content: [asText(redactor.maskDeep({ error: known.toBody(), ...(next.length > 0 ? { next } : {}) }))], isError: true };
	};
	if (!(error instanceof DeploymillError)) return tell(unknownFault(error, toolName, context));
	try {
		return tell(error);
	} catch (second) {
		return tell(unknownFault(second, toolName, context));
	}
}

function unknownFault(error: unknown, toolName: string, { engine }: Pick<ToolContext, "engine">): DeploymillError {
	const faultId = recordFault(engine.log, error, "a tool call failed", { tool: toolName });
	return new DeploymillError("internal", faultNotice(faultId), { details: { faultId } });
}

function asText(content: unknown): { type: "text"; text: string } {
	return { type: "text", text: JSON.stringify(content) };
}
