// Stands between a server and the sandbox's engine: counts the requests, and holds them back on demand.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";

export class CountedEngine implements AsyncDisposable {
	readonly dockerHost: string;
	/** `GET /services`, without the query, in the order they came. */
	readonly requests: string[] = [];
	readonly #engine: string;
	readonly #server: Server;
	#held: (() => void)[] | undefined;

	private constructor(path: string, engine: string) {
		this.dockerHost = `unix://${path}`;
		this.#engine = engine;
		this.#server = createServer((incoming, outgoing) => this.#take(incoming, outgoing));
		// As an engine leaves idle connections open. Node would close them after 5 s, now and then under a request that is on its way.
		this.#server.keepAliveTimeout = 0;
	}

	/** @param path of the socket to listen on @param dockerHost `unix://…` of the real engine */
	static async start(path: string, dockerHost: string): Promise<CountedEngine> {
		const engine = new CountedEngine(path, dockerHost.replace("unix://", ""));
		await new Promise<void>((resolve) => engine.#server.listen(path, resolve));
		return engine;
	}

	/** From here on nothing is answered. */
	hold(): void {
		this.#held ??= [];
	}

	/** Passes on what was held back. */
	release(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const pass of held) pass();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#take(incoming: IncomingMessage, outgoing: ServerResponse): void {
		this.requests.push(`${incoming.method} ${incoming.url?.split("?")[0]}`);
		const pass = () => this.#pass(incoming, outgoing);
		if (this.#held) this.#held.push(pass);
		else pass();
	}

	#pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
		const { method, url, headers } = incoming;
		const passed = request({ socketPath: this.#engine, method, path: url, headers }, (answer) => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			// Whoever asked may be gone by now.
			pipeline(answer, outgoing, () => undefined);
		});
		outgoing.once("close", () => passed.destroy());
		pipeline(incoming, passed, () => undefined);
	}
}
