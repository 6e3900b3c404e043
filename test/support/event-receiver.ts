// Receives events as a chat or a program of the user does: remembers what came, and answers as a test says.
import { createHmac } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { EventMessage } from "../../src/engine/ports/event-receiver.ts";
import { until } from "./until.ts";

export interface ReceivedEvent extends EventMessage {
	/** Its signature is that of the receiver's secret. */
	isSigned: boolean;
}

export class EventsReceiver implements AsyncDisposable {
	readonly secret = "what signs the events of tests";
	/** Whole address, with a token in it that is a secret. */
	readonly url: string;
	readonly token: string;
	/** In the order in which they came, with those that were not taken. */
	readonly received: ReceivedEvent[] = [];
	/** Answers each request; takes it by default. */
	answer: (response: ServerResponse) => void = (response) => response.end();
	readonly #server: http.Server;

	private constructor(server: http.Server, token: string) {
		this.#server = server;
		this.token = token;
		this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/${token}`;
		server.on("request", (request, response) => void this.#receive(request, response));
	}

	/** @param token names it in what is searched for it; no other has it */
	static async open(token: string): Promise<EventsReceiver> {
		const server = http.createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new EventsReceiver(server, token);
	}

	/** Settings of a server that sends everything here. */
	get env(): Record<string, string> {
		return { DEPLOYMILL_NOTIFY_URL: this.url, DEPLOYMILL_NOTIFY_SECRET: this.secret, DEPLOYMILL_NOTIFY_ON: "all" };
	}

	get deliveryIds(): string[] {
		return this.received.map(({ deliveryId }) => deliveryId);
	}

	/** As soon as so many came. */
	async whenReceived(count: number): Promise<ReceivedEvent[]> {
		return until(
			async () => this.received,
			(events) => events.length >= count,
			120_000,
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await text(request);
		const signature = `sha256=${createHmac("sha256", this.secret).update(body).digest("hex")}`;
		const isSigned = request.headers["x-deploymill-signature"] === signature;
		this.received.push({ ...(JSON.parse(body) as EventMessage), isSigned });
		this.answer(response);
	}
}
