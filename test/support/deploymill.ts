// Connects the tests' MCP client: the built server over stdio, as a user's client starts it.
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type CallToolResult, ElicitRequestSchema, type ElicitResult } from "@modelcontextprotocol/sdk/types.js";
import type { ErrorBody } from "../../src/errors.ts";
import type { DeploymentAnswer, ListedDeployment } from "./deployment-answer.ts";

const root = join(import.meta.dirname, "../..");

/** What starts the built server. */
export const program = { command: join(root, "node_modules/.bin/node"), file: join(root, "dist/cli.js") };

/** No call of a test takes longer; deployments end by themselves long before. */
const callTimeoutMs = 600_000;

export type Content = Record<string, unknown>;

export interface Answer {
	isError: boolean;
	/** `structuredContent`, or the parsed text where there is none. */
	content: Content;
}

export interface ProgressNote {
	progress: number;
	message?: string | undefined;
}

/** Who sits in front of a client that can ask. */
export type Person = (question: string) => Promise<ElicitResult>;

export interface CallOptions {
	/** Asks for progress notifications. */
	onProgress?: (note: ProgressNote) => void;
	/** Cancels the call, as a client does. */
	signal?: AbortSignal;
}

export class Deploymill implements AsyncDisposable {
	readonly client: Client;
	readonly pid: number;
	readonly #stderr: string[];

	private constructor(client: Client, pid: number, stderr: string[]) {
		this.client = client;
		this.pid = pid;
		this.#stderr = stderr;
	}

	/** @param env whole environment of the server, beside the few variables that MCP clients pass on (PATH, HOME, …) */
	static start(env: Record<string, string>, person?: Person): Promise<Deploymill> {
		return Deploymill.connect({ command: program.command, args: [program.file], env }, person);
	}

	/** A server that is started by a command of any kind. `pid` is then that command's. */
	static async connect(
		parameters: { command: string; args: string[]; env: Record<string, string>; cwd?: string },
		person?: Person,
	): Promise<Deploymill> {
		const transport = new StdioClientTransport({ ...parameters, stderr: "pipe" });
		const stderr: string[] = [];
		(transport.stderr as Readable).setEncoding("utf8").on("data", (text: string) => stderr.push(text));
		const client = new Client({ name: "e2e", version: "1.0.0" }, person ? { capabilities: { elicitation: {} } } : {});
		if (person) client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params.message));
		try {
			await client.connect(transport);
		} catch (error) {
			throw new Error(`the server did not start: ${stderr.join("")}`, { cause: error });
		}
		return new Deploymill(client, transport.pid!, stderr);
	}

	/** All that the server wrote to stderr so far. */
	get stderr(): string {
		return this.#stderr.join("");
	}

	/** One tool call, refused or not. Fails when text and structured content differ. */
	async call(tool: string, args: Content = {}, { onProgress, signal }: CallOptions = {}): Promise<Answer> {
		const options = { timeout: callTimeoutMs, ...(signal ? { signal } : {}), ...(onProgress ? { onprogress: onProgress } : {}) };
		const result = (await this.client.callTool({ name: tool, arguments: args }, undefined, options)) as CallToolResult;
		return { isError: result.isError ?? false, content: contentOf(result) };
	}

	/** A call that has to be answered without an error. */
	async ok(tool: string, args: Content = {}, options: CallOptions = {}): Promise<Content> {
		const { isError, content } = await this.call(tool, args, options);
		if (isError) throw new Error(`${tool} was answered with an error: ${JSON.stringify(content, null, 1)}\n${this.stderr}`);
		return content;
	}

	/** A call that has to be refused; returns the error. */
	async refusal(tool: string, args: Content = {}): Promise<ErrorBody> {
		const { isError, content } = await this.call(tool, args);
		if (isError && !("deploymentId" in content)) return content.error as ErrorBody;
		throw new Error(`${tool} was not refused: ${JSON.stringify(content, null, 1)}`);
	}

	/** A call that is answered with a deployment, whatever became of it; waits for its end unless `wait` says otherwise. */
	async deployment(tool: "deploy" | "rollback" | "get_deployment" | "cancel_deployment", args: Content, options: CallOptions = {}) {
		const whole = tool === "cancel_deployment" ? args : { wait: 300, ...args };
		const { content } = await this.call(tool, whole, options);
		if ("deploymentId" in content) return content as unknown as DeploymentAnswer;
		throw new Error(`${tool} was refused: ${JSON.stringify(content, null, 1)}`);
	}

	/** Registers a repository, or applies its project file again; returns the application's id. */
	async reconcile(repoUrl: string, args: Content = {}): Promise<string> {
		return (await this.ok("reconcile_project", { repoUrl, ...args })).applicationId as string;
	}

	/** The history of an application, newest first. */
	async history(applicationId: string): Promise<ListedDeployment[]> {
		const { deployments } = await this.ok("list_deployments", { applicationId, limit: 100 });
		return deployments as ListedDeployment[];
	}

	/** Ends the server at once, as a client that crashed or lost patience does. */
	async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
		const closed = new Promise<void>((resolve) => {
			this.client.onclose = resolve;
		});
		process.kill(this.pid, signal);
		await closed;
	}

	/** As a client leaves: its end of stdin is closed first. */
	async close(): Promise<void> {
		await this.client.close();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}

function contentOf({ structuredContent, content }: CallToolResult): Content {
	const [block] = content;
	const text = block?.type === "text" ? block.text : "null";
	const parsed = JSON.parse(text) as Content;
	if (structuredContent && JSON.stringify(structuredContent) !== JSON.stringify(parsed)) {
		throw new Error(`text and structuredContent differ: ${text}`);
	}
	return parsed;
}
