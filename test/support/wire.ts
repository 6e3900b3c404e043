// Speaks MCP as it is on the wire: JSON-RPC lines, without a client library that could be kinder than others.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { program } from "./deploymill.ts";

export interface Message {
	jsonrpc: "2.0";
	id?: number | string | null;
	// biome-ignore lint/suspicious/noExplicitAny: what a server may say on the wire
	result?: any;
	error?: { code: number; message: string };
	method?: string;
}

/** A server, spoken to line by line. */
export class Wire implements AsyncDisposable {
	readonly child: ChildProcess;
	readonly stderr: Promise<string>;
	readonly #lines: AsyncIterator<string>;
	#nextId = 0;

	constructor(env: Record<string, string>) {
		this.child = spawn(program.command, [program.file], { env: { PATH: process.env.PATH, ...env }, stdio: "pipe" });
		this.stderr = text(this.child.stderr!);
		this.#lines = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
	}

	write(line: string): void {
		this.child.stdin?.write(`${line}\n`);
	}

	async read(): Promise<Message> {
		const { value, done } = await this.#lines.next();
		if (done) throw new Error(`the server ended: ${await this.stderr}`);
		return JSON.parse(value) as Message;
	}

	/** The next so many messages, whatever their order, by their id. */
	async readById(count: number): Promise<Map<unknown, Message>> {
		const messages = new Map<unknown, Message>();
		while (messages.size < count) {
			const message = await this.read();
			messages.set(message.id, message);
		}
		return messages;
	}

	async ask(method: string, params: object = {}): Promise<Message> {
		const id = this.#nextId++;
		this.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		const answer = await this.read();
		expect(answer).toMatchObject({ jsonrpc: "2.0", id });
		return answer;
	}

	async greet(protocolVersion: string): Promise<Message> {
		const hello = await this.ask("initialize", { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } });
		this.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
		return hello;
	}

	/** Closes the server's stdin; resolves with how long it took to leave, in milliseconds, and its exit code. */
	async leave(): Promise<{ code: number; tookMs: number }> {
		const leftAt = performance.now();
		this.child.stdin?.end();
		const [code] = (await once(this.child, "exit")) as [number];
		return { code, tookMs: performance.now() - leftAt };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.child.exitCode === null) await this.leave();
	}
}
