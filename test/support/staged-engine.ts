// Stands between a worker and the sandbox's engine, and stages what a network or an engine may do to a request.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream";

interface Answer {
	status: number;
	body: string;
}

/** What becomes of a request. */
type Treatment =
	/** It reaches the engine when `deliver` is called, whatever became of whoever sent it. */
	| "late"
	/** The engine carries it out, and its answer is lost. */
	| "answer lost"
	/** It does not reach the engine. */
	| Answer
	| undefined;

interface Late {
	incoming: IncomingMessage;
	body: Buffer;
}

/** In the words of an engine whose Swarm has just lost its leader. */
export const noLeader: Answer = {
	status: 503,
	body: JSON.stringify({
		message: "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.",
	}),
};

export class StagedEngine implements AsyncDisposable {
	readonly dockerHost: string;
	/** Asked about each request: `POST /services/create`, without the query. */
	treat: (request: string) => Treatment = () => undefined;
	readonly #engine: string;
	readonly #server: Server;
	readonly #late: Late[] = [];
	readonly #sockets = new Set<Socket>();
	#cameLate = Promise.withResolvers<void>();

	private constructor(path: string, engine: string) {
		this.dockerHost = `unix://${path}`;
		this.#engine = engine;
		this.#server = createServer((incoming, outgoing) => void this.#take(incoming, outgoing));
		// BuildKit's sessions.
		this.#server.on("upgrade", (incoming, socket: Socket, head) => this.#tunnel(incoming, socket, head));
		this.#server.on("connection", (socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
		});
	}

	/** @param path of the socket to listen on @param dockerHost `unix://…` of the real engine */
	static async start(path: string, dockerHost: string): Promise<StagedEngine> {
		const engine = new StagedEngine(path, dockerHost.replace("unix://", ""));
		await new Promise<void>((resolve) => engine.#server.listen(path, resolve));
		return engine;
	}

	/** Resolves when a request is there that is late. */
	get aLateOne(): Promise<void> {
		return this.#cameLate.promise;
	}

	/** Lets the late request reach the engine, and returns how the engine answered. */
	async deliver(): Promise<Answer> {
		const { incoming, body } = this.#late.shift() as Late;
		this.#cameLate = Promise.withResolvers();
		const { method, url, headers } = incoming;
		return new Promise((resolve, reject) => {
			const passed = request({ socketPath: this.#engine, method, path: url, headers }, (answer) => {
				const chunks: Buffer[] = [];
				answer.on("data", (chunk: Buffer) => chunks.push(chunk));
				answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
			});
			passed.once("error", reject);
			passed.end(body);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const treatment = this.treat(nameOf(incoming));
		if (treatment === "late") {
			const chunks: Buffer[] = [];
			for await (const chunk of incoming) chunks.push(chunk as Buffer);
			this.#late.push({ incoming, body: Buffer.concat(chunks) });
			this.#cameLate.resolve();
		} else if (typeof treatment === "object") {
			outgoing.writeHead(treatment.status, { "content-type": "application/json" }).end(treatment.body);
		} else this.#pass(incoming, outgoing, treatment === "answer lost");
	}

	#pass(incoming: IncomingMessage, outgoing: ServerResponse, isAnswerLost: boolean): void {
		const { method, url, headers } = incoming;
		const passed = request({ socketPath: this.#engine, method, path: url, headers }, (answer) => {
			if (isAnswerLost) {
				answer.resume();
				answer.once("end", () => outgoing.destroy());
				return;
			}
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			// Whoever asked may be gone by now.
			pipeline(answer, outgoing, () => undefined);
		});
		passed.once("error", () => outgoing.destroy());
		outgoing.once("close", () => passed.destroy());
		pipeline(incoming, passed, () => undefined);
	}

	#tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
		const engine = connect(this.#engine);
		const lines = incoming.rawHeaders.reduce(
			(text, part, at) => text + (at % 2 === 0 ? `${part}: ` : `${part}\r\n`),
			`${incoming.method} ${incoming.url} HTTP/1.1\r\n`,
		);
		engine.write(`${lines}\r\n`);
		engine.write(head);
		pipeline(engine, socket, () => undefined);
		pipeline(socket, engine, () => undefined);
	}
}

function nameOf({ method, url = "" }: IncomingMessage): string {
	return `${method} ${url.split("?")[0]}`;
}
