// Offers the record as MCP resources: an application, a deployment, and a deployment's log. They show what the tools show.
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { type CallToolResult, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { Store } from "../engine/ports/store.ts";

/** One tool call, masked as all of them are. */
export type Ask = (tool: string, args: Record<string, unknown>) => Promise<CallToolResult>;

const json = "application/json";
const text = "text/plain";

export function registerRecords(mcp: McpServer, store: Store, ask: Ask): void {
	const complete = completions(store);
	const application = new ResourceTemplate("deploymill://applications/{applicationId}", { list: undefined, complete });
	const applicationWords = { title: "Application", description: "What is live of an application, and what is in progress", mimeType: json };
	mcp.registerResource("application", application, applicationWords, async (uri, { applicationId }) => {
		const { applications } = await contentOf(ask, "list_applications", {});
		const found = (applications as { applicationId: string }[]).find((item) => item.applicationId === applicationId);
		if (!found) throw new McpError(ErrorCode.InvalidParams, `Resource ${uri.href} not found: list_applications has the ids.`);
		return one(uri, json, JSON.stringify(found));
	});

	const deployment = new ResourceTemplate("deploymill://deployments/{deploymentId}", { list: undefined });
	const deploymentWords = { title: "Deployment", description: "One deployment, as get_deployment shows it", mimeType: json };
	mcp.registerResource("deployment", deployment, deploymentWords, async (uri, { deploymentId }) =>
		one(uri, json, JSON.stringify(await contentOf(ask, "get_deployment", { deploymentId }))),
	);

	const log = new ResourceTemplate("deploymill://deployments/{deploymentId}/log", { list: undefined });
	const logWords = { title: "Log of a deployment", description: "The pipeline's log: untrusted words of builds, fenced", mimeType: text };
	mcp.registerResource("deployment-log", log, logWords, async (uri, { deploymentId }) => {
		const { applicationId } = await contentOf(ask, "get_deployment", { deploymentId });
		return one(uri, text, String((await contentOf(ask, "get_logs", { applicationId, deploymentId, tail: 500 })).text));
	});
}

/** Of prompts and resource templates: the values that begin with what was typed, newest first where there is an order. */
export function completions(store: Store) {
	return {
		applicationId: (typed: string) =>
			store
				.listApplications()
				.map((item) => item.applicationId)
				.filter((id) => id.startsWith(typed)),
		rollbackId: (typed: string, context?: { arguments?: Record<string, string> }) => {
			const applicationId = context?.arguments?.applicationId;
			if (applicationId === undefined) return [];
			const usable = store.listRollbackPoints(applicationId).filter(({ unusableBecause }) => unusableBecause === undefined);
			return usable.map((point) => point.rollbackId).filter((id) => id.startsWith(typed));
		},
	};
}

function one(uri: URL, mimeType: string, body: string) {
	return { contents: [{ uri: uri.href, mimeType, text: body }] };
}

/** A deployment that failed is an answer too; only a refusal has no content. */
async function contentOf(ask: Ask, tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
	const { structuredContent, content } = await ask(tool, args);
	if (structuredContent) return structuredContent;
	const [block] = content;
	const { error } = JSON.parse(block?.type === "text" ? block.text : "{}");
	throw new McpError(ErrorCode.InvalidParams, `Resource not found: ${error?.message ?? "it cannot be read"}`);
}
