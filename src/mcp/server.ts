// Makes the MCP server: which tools it lists, and how a call reaches one.

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
	CallToolRequestSchema,
	type CallToolResult,
	type ServerNotification,
	type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { quote } from "../config/quote.ts";
import type { Approval } from "../config/settings.ts";
import type { Engine } from "../engine/engine.ts";
import { settleAbandoned } from "../engine/pipeline/settle.ts";
import { DeploymillError, errorMessage } from "../errors.ts";
import { answer, type Exit, refusal } from "./answer.ts";
import { approvedFirst, needsApproval } from "./approval.ts";
import { askByElicitation } from "./ask-person.ts";
import { catalogue, findTool } from "./catalogue.ts";
import { registerGuides } from "./guides.ts";
import { instructions } from "./instructions.ts";
import type { NextCall } from "./next.ts";
import { type ProgressNote, progressNotes } from "./progress.ts";
import { registerPrompts } from "./prompts.ts";
import { completions, registerRecords } from "./records.ts";
import { nameRequester } from "./requester.ts";
import { registerTimelineApp, timelineUri } from "./timeline-app.ts";
import type { Tool, ToolContext } from "./tool.ts";
import { WorkLimits } from "./work-limits.ts";

export interface ServerOptions extends Exit {
	engine: Engine;
	version: string;
	readOnly: boolean;
	/** What a person must approve; nothing where it is not given. */
	approve?: readonly Approval[];
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function createServer(options: ServerOptions): McpServer {
	const { engine, version, readOnly } = options;
	const limits = new WorkLimits();
	const mcp = new McpServer(identity(version), { instructions, capabilities: { tools: {} } });
	for (const tool of catalogue(readOnly)) {
		const { name, title, description, hints, input, output } = tool;
		const config = { title, description, inputSchema: input, outputSchema: output, annotations: hints, ...metaOf(tool, options) };
		mcp.registerTool(name, config, notReached);
	}
	registerGuides(mcp);
	registerTimelineApp(mcp);
	registerPrompts(mcp, completions(engine.store));
	const contextOf = (signal: AbortSignal, onProgress: ToolContext["onProgress"]): ToolContext => ({
		engine,
		requestedBy: nameRequester(mcp.server.getClientVersion(), engine.untrusted),
		signal,
		limits,
		onProgress,
		...askByElicitation(mcp.server),
	});
	const never = new AbortController().signal;
	registerRecords(mcp, engine.store, (name, args) =>
		callTool(
			name,
			args,
			contextOf(never, () => undefined),
			options,
		),
	);
	// The SDK's own handler would answer bad arguments and faults in words of its own; ours is the one error boundary.
	mcp.server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
		callTool(params.name, params.arguments, contextOf(extra.signal, progressOf(extra, options)), options),
	);
	return mcp;
}

/** How the server shows itself in a client. */
function identity(version: string) {
	return {
		name: "deploymill",
		title: "deploymill",
		version,
		websiteUrl: "https://github.com/deploymill/deploymill",
		icons: [{ src: `data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}`, mimeType: "image/svg+xml", sizes: ["any"] }],
	};
}

/** An arrow up, and one that turns back. */
const icon =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#147a3f" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M11 27V5M4 12l7-7 7 7M17 21l5 5 5-5M22 26V13a5 5 0 0 0-5-5"/></svg>';

/** One call, as it answers over MCP and on the command line alike. */
export async function callTool(
	name: string,
	args: unknown,
	context: ToolContext,
	{ redactor, secrets, readOnly, approve = [] }: ServerOptions,
): Promise<CallToolResult> {
	const tool = findTool(name);
	const allowed = catalogue(readOnly);
	if (tool && allowed.includes(tool)) {
		const asked = needsApproval(name, approve) ? approvedFirst(tool) : tool;
		return answer(offeringOnly(allowed, settledFirst(asked)), args, context, { redactor, secrets });
	}
	const error = tool
		? new DeploymillError("read_only", `${name} changes things, and this server is read-only (DEPLOYMILL_READ_ONLY).`)
		: new DeploymillError("invalid_input", `There is no tool ${quote(name)}; there are ${allowed.map((item) => item.name).join(", ")}.`);
	return refusal(error, name, context, redactor);
}

/** What a dead worker left behind is settled around all tools, so that none of them shows it as it was. */
function settledFirst(tool: Tool): Tool {
	return {
		...tool,
		async call(args, context) {
			await settleAbandoned(context.engine);
			return tool.call(args, context);
		},
	};
}

/** A read-only server sends nobody to a tool that it does not have. */
function offeringOnly(allowed: readonly Tool[], tool: Tool): Tool {
	const names = new Set(allowed.map(({ name }) => name));
	return {
		...tool,
		async call(args, context) {
			const answered = await tool.call(args, context);
			const { next, ...content } = answered.content as { next?: NextCall[] };
			const offered = next?.filter((call) => names.has(call.tool)) ?? [];
			return { ...answered, content: { ...content, ...(offered.length > 0 || next?.length === 0 ? { next: offered } : {}) } };
		},
	};
}

/** What some clients read (contract section 14); others pass it over. */
function metaOf({ name, alwaysLoad }: Tool, { approve = [] }: ServerOptions): { _meta?: Record<string, unknown> } {
	const meta = {
		...(alwaysLoad ? { "anthropic/alwaysLoad": true } : {}),
		...(name === "list_deployments" ? { ui: { resourceUri: timelineUri } } : {}),
		...(needsApproval(name, approve) ? { "anthropic/requiresUserInteraction": true } : {}),
	};
	return Object.keys(meta).length > 0 ? { _meta: meta } : {};
}

function progressOf({ _meta, sendNotification }: Extra, { engine, redactor }: ServerOptions): ToolContext["onProgress"] {
	const progressToken = _meta?.progressToken;
	if (progressToken === undefined) return () => undefined;
	return progressNotes(({ progress, message }: ProgressNote) => {
		const params = { progressToken, progress, message: redactor.mask(message) };
		sendNotification({ method: "notifications/progress", params }).catch((error: unknown) =>
			engine.log.debug({ error: errorMessage(error) }, "a progress note was not sent"),
		);
	});
}

function notReached(): CallToolResult {
	throw new Error("tools are called through the handler above");
}
