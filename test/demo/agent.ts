// Connects the demo's MCP client: the SDK's own, over stdio to the built server, as any agent would start it.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { CallToolResult, Progress } from "@modelcontextprotocol/sdk/types.js";
import type { ServerEntry } from "./client-config.ts";
import { tellCall, tellProgress } from "./narrator.ts";

const limitMs = 120_000;

export class Agent implements AsyncDisposable {
	readonly #client: Client;

	private constructor(client: Client) {
		this.#client = client;
	}

	static async start({ command, args, env }: ServerEntry): Promise<Agent> {
		const client = new Client({ name: "deploymill-demo", version: "1.0.0" });
		await client.connect(new StdioClientTransport({ command, args, env: { ...env, DEPLOYMILL_LOG_LEVEL: "warn" } }));
		return new Agent(client);
	}

	/** The structured answer. @throws for a call that was refused, with the server's own words */
	async call<Answer>(tool: string, args: Record<string, unknown>): Promise<Answer> {
		tellCall(tool, args);
		const request = { name: tool, arguments: args };
		const options = { timeout: limitMs, onprogress: tellPhases() };
		const answer = (await this.#client.callTool(request, undefined, options)) as CallToolResult;
		if (answer.structuredContent) return answer.structuredContent as Answer;
		const [said] = answer.content;
		throw new Error(`${tool} was refused: ${said?.type === "text" ? said.text : "without a word"}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#client.close();
	}
}

/** Says each phase of a deployment once, when it begins. */
function tellPhases(): (note: Progress) => void {
	let told = "";
	return ({ message = "" }) => {
		const [phase = ""] = message.split(/[: ]/, 1);
		if (phase !== told && phase !== "finished") tellProgress(phase);
		told = phase;
	};
}
