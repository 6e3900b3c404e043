// Stands between the prober and the sandbox's ingress, and holds back on demand what one version of an app answers.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { Ingress } from "./ingress.ts";

export class HeldEdge implements AsyncDisposable {
	readonly #edgeAddress: string;
	readonly #ingress: Ingress;
	readonly #server: Server;
	readonly #holds = new Map<string, Hold>();

	private constructor(edgeAddress: string) {
		this.#edgeAddress = edgeAddress;
		this.#ingress = new Ingress(edgeAddress);
		this.#server = createServer((incoming, outgoing) => {
			this.#take(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
		});
	}

	/** @param edgeAddress of the real ingress */
	static async start(edgeAddress: string): Promise<HeldEdge> {
		const edge = new HeldEdge(edgeAddress);
		await new Promise<void>((resolve) => edge.#server.listen(0, "127.0.0.1", resolve));
		return edge;
	}

	/** For DEPLOYMILL_EDGE_ADDRESS. */
	get address(): string {
		return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** From here on whoever asks the version whose page says this waits, until it is released or disposed of. */
	hold(page: string): Hold {
		const hold = new Hold(() => this.#holds.delete(page));
		this.#holds.set(page, hold);
		return hold;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const { body } = await this.#ingress.get(incoming.headers.host ?? "");
		const pass = () => this.#pass(incoming, outgoing);
		const hold = this.#holds.get(body);
		if (hold) hold.add(pass);
		else pass();
	}

	#pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
		const { method, url, headers } = incoming;
		const [hostname, port = "80"] = this.#edgeAddress.split(":");
		const passed = request({ hostname, port: Number(port), method, path: url, headers, agent: false }, (answer) => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			// Whoever asked may be gone by now.
			pipeline(answer, outgoing, () => undefined);
		});
		outgoing.once("close", () => passed.destroy());
		pipeline(incoming, passed, () => undefined);
	}
}

export class Hold implements Disposable {
	/** Resolves when the first one waits. */
	readonly reached: Promise<void>;
	readonly #waiting: (() => void)[] = [];
	readonly #end: () => void;
	#reach: () => void = () => undefined;

	constructor(end: () => void) {
		this.#end = end;
		this.reached = new Promise((resolve) => {
			this.#reach = resolve;
		});
	}

	add(pass: () => void): void {
		this.#waiting.push(pass);
		this.#reach();
	}

	release(): void {
		this.#end();
		for (const pass of this.#waiting.splice(0)) pass();
	}

	[Symbol.dispose](): void {
		this.release();
	}
}
