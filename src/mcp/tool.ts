// Defines what a tool consists of: its words, its schemas, its true hints, and the function behind it.
import type { z } from "zod";
import type { Engine } from "../engine/engine.ts";
import type { Deployment } from "../model/deployment.ts";
import type { WorkLimits } from "./work-limits.ts";

/** All four hints of MCP; required, so that none is left to a client's guess. */
export interface ToolHints {
	readOnlyHint: boolean;
	destructiveHint: boolean;
	idempotentHint: boolean;
	openWorldHint: boolean;
}

/** Whether they agreed; `dismissed`: they closed the question without an answer. Rejects when the call is cancelled. */
export type AskPerson = (question: string, signal: AbortSignal) => Promise<"agreed" | "declined" | "dismissed" | "no_answer">;

export interface ToolContext {
	engine: Engine;
	/** Who asks, in the words of `nameRequester`. */
	requestedBy: string;
	/** Aborted when the client cancels or leaves: ends a wait, never a deployment. */
	signal: AbortSignal;
	/** What heavy work waits for its turn in. */
	limits: WorkLimits;
	/** Called on every look while a call waits; sends progress where the client asked for it. */
	onProgress: (deployment: Deployment) => void;
	/** Asks the person in front of the client; undefined where none can be reached. */
	askPerson?: AskPerson;
}

/** `failed` marks the answer `isError` though it carries its whole content. */
export interface ToolAnswer {
	content: Record<string, unknown>;
	failed?: boolean;
}

export interface Tool<Input extends z.ZodObject = z.ZodObject> {
	name: string;
	title: string;
	description: string;
	hints: ToolHints;
	/** Clients that load tools when they look for them load this one at once. */
	alwaysLoad?: true;
	input: Input;
	output: z.ZodObject;
	/** May throw: the one catch is in `answer.ts`. */
	call(args: z.output<Input>, context: ToolContext): Promise<ToolAnswer> | ToolAnswer;
}

/** Keeps the input's type for `call`, and lets tools of all inputs stand in one list. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
	return tool as unknown as Tool;
}

export const readsOnly: ToolHints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
