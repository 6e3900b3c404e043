// Offers the guides as MCP resources: the files of `guides/`, and an index of them.
import { readFile } from "node:fs/promises";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { packageFolder } from "../package-folder.ts";

interface GuidePage {
	name: string;
	title: string;
	description: string;
}

export const guidePages: readonly GuidePage[] = [
	{
		name: "rollback",
		title: "Rollback",
		description: "When to roll back and when not, what it does not take back, automatic rollback, troubleshooting",
	},
	{
		name: "health",
		title: "Health",
		description: "How health is judged: probes, the gate, baseline, the orchestrator gate, auto-rollback's trigger",
	},
	{
		name: "events",
		title: "Events",
		description: "What people are told of deployments: a chat's webhook, signatures, retries, deploymill watch",
	},
	{ name: "project-config", title: "Project file", description: "Every field of .deploymill/project.json" },
	{ name: "troubleshooting", title: "Troubleshooting", description: "Every error code: what it means, what to do" },
	{ name: "security", title: "Security", description: "What deploymill can do on your machines, where secrets are, what is untrusted" },
	{ name: "robustness", title: "Robustness", description: "Which faults are staged, what is promised under each, and how it is tried" },
	{
		name: "performance",
		title: "Performance",
		description: "How fast it is against the bare engine, as it was measured, and where the time goes",
	},
	{ name: "limits", title: "Limits", description: "How much of everything: calls at once, git, logs, connections; and what is installed" },
];

const mimeType = "text/markdown";
const indexUri = "deploymill://guides";

export function registerGuides(mcp: McpServer): void {
	mcp.registerResource("guides", indexUri, { title: "Guides", description: "Index of the guides", mimeType }, (uri) => ({
		contents: [{ uri: uri.href, mimeType, text: indexText() }],
	}));
	for (const { name, title, description } of guidePages) {
		mcp.registerResource(name, `${indexUri}/${name}`, { title, description, mimeType }, async (uri) => ({
			contents: [{ uri: uri.href, mimeType, text: await readGuide(name) }],
		}));
	}
}

function indexText(): string {
	return ["# deploymill guides", "", ...guidePages.map(({ name, description }) => `- ${indexUri}/${name}: ${description}`), ""].join("\n");
}

function readGuide(name: string): Promise<string> {
	return readFile(new URL(`guides/${name}.md`, packageFolder), "utf8");
}
