// Offers the timeline as an MCP App: the page that clients which show apps put beside an answer of `list_deployments`.
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { timelineApp } from "../timeline/page.ts";

export const timelineUri = "ui://deploymill/timeline";

const mimeType = "text/html;profile=mcp-app";

export function registerTimelineApp(mcp: McpServer): void {
	const words = { title: "Timeline", description: "The history of an application, to look at and to go back in", mimeType };
	mcp.registerResource("timeline", timelineUri, words, async (uri) => ({
		contents: [{ uri: uri.href, mimeType, text: await timelineApp() }],
	}));
}
