// Carries MCP over stdin and stdout: reads messages of a bounded size, and lets nothing out that is not masked.
import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Log } from "../engine/engine.ts";
import { recordFault } from "../fault.ts";
import type { Redactor } from "../redact.ts";
import { LineReader, type LongLine } from "./line-reader.ts";
import { safeMessage } from "./outgoing.ts";
import type { RequestId } from "./request-id.ts";
import { invalidRequest, type RpcError } from "./rpc-error.ts";

/** Twice what the largest legal call needs. */
export const mostMessageBytes = 10 * 1024 * 1024;

interface Exit {
	redactor: Redactor;
	log: Log;
}

/**
 * In place of the SDK's own transport, which ends the session without a word at a message that is too large. Here that message is
 * answered with an error, and all other calls go on. Everything that goes out passes `safeMessage`.
 */
export class StdioTransport implements Transport {
	onclose?: () => void;
	onerror?: (error: Error) => void;
	onmessage?: (message: JSONRPCMessage) => void;
	readonly #input: Readable;
	readonly #output: Writable;
	readonly #exit: Exit;
	readonly #reader = new LineReader(mostMessageBytes, {
		line: (text) => this.#receive(text),
		longLine: (line) => this.#refuse(line),
	});
	readonly #onData = (chunk: Buffer) => this.#reader.push(chunk);
	readonly #onError = (error: Error) => this.onerror?.(error);

	constructor(input: Readable, output: Writable, exit: Exit) {
		this.#input = input;
		this.#output = output;
		this.#exit = exit;
	}

	async start(): Promise<void> {
		this.#input.on("data", this.#onData);
		this.#input.on("error", this.#onError);
	}

	async close(): Promise<void> {
		this.#input.off("data", this.#onData);
		this.#input.off("error", this.#onError);
		this.#input.pause();
		this.onclose?.();
	}

	/** Resolves when there is room for more. */
	async send(message: JSONRPCMessage): Promise<void> {
		const line = safeMessage(message, this.#exit);
		if (this.#output.write(`${line}\n`)) return;
		await new Promise<void>((resolve) => this.#output.once("drain", resolve));
	}

	#receive(line: string): void {
		if (line.trim() === "") return;
		const { log } = this.#exit;
		const message = parse(line);
		// Whose question it was cannot be known, so nobody waits for the answer.
		if (!message) {
			log.warn({ characters: line.length }, "a message was no JSON and was left out");
			return;
		}
		try {
			// The message itself is passed on, not the schema's copy, from which keys may be missing.
			if (JSONRPCMessageSchema.safeParse(message.value).success) this.onmessage?.(message.value as JSONRPCMessage);
			else this.#refuseForm(message.value);
		} catch (error) {
			// The next line may be fine.
			recordFault(log, error, "a message could not be taken");
		}
	}

	#refuseForm(message: unknown): void {
		const id = requestIdOf(message);
		this.#exit.log.warn({ id: id ?? null }, "a message was no JSON-RPC 2.0 and was left out");
		if (id !== undefined) this.#answer(id, invalidRequest("The message is no JSON-RPC 2.0 request: params must be an object."));
	}

	#refuse({ bytes, id, hasMethod }: LongLine): void {
		this.#exit.log.warn({ bytes, id: id ?? null }, "a message was too large and was left out");
		// An answer and a notification ask nothing.
		if (hasMethod !== (id !== undefined)) return;
		this.#answer(
			id,
			invalidRequest(
				`The message has ${bytes} bytes; allowed are ${mostMessageBytes} bytes. Nothing of it was done. Send less in one call: set_env_vars merges, so a long list can be set in several calls.`,
			),
		);
	}

	#answer(id: RequestId | undefined, error: RpcError): void {
		this.send({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), error }).catch((failure: Error) => this.onerror?.(failure));
	}
}

/** The parser's error quotes the text, which may hold a value that nobody knows yet: it is not kept. */
function parse(line: string): { value: unknown } | undefined {
	try {
		return { value: JSON.parse(line) };
	} catch {
		return undefined;
	}
}

/** Of what calls itself JSON-RPC 2.0 and asks something; all else is nobody's question. */
function requestIdOf(message: unknown): RequestId | undefined {
	const { jsonrpc, id, method } = (message ?? {}) as { jsonrpc?: unknown; id?: unknown; method?: unknown };
	if (jsonrpc !== "2.0" || method === undefined) return undefined;
	return typeof id === "string" || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
}
