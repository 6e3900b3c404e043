// Posts events to the receiver that the operator named: signed, in bounded time, and without a word of what it answers.
import { createHmac } from "node:crypto";
import { Client } from "undici";
import type { NotifyTarget } from "../../config/notify.ts";
import type { EventMessage, EventReceiver, Posted } from "../../engine/ports/event-receiver.ts";
import { DeploymillError } from "../../errors.ts";
import type { Redactor } from "../../redact.ts";
import { connectEdge, EdgeConnectionFailed } from "./edge-connection.ts";

/** For everything: name, connection, TLS, the request and the head of the answer. */
const timeoutMs = 10_000;

export interface WebhookOptions {
	/** Read at each try. Undefined: it was taken away since. */
	target: () => Promise<NotifyTarget | undefined>;
	/** Of deploymill, for the User-Agent. */
	version: string;
	redactor: Redactor;
}

export class Webhook implements EventReceiver {
	readonly #options: WebhookOptions;

	constructor(options: WebhookOptions) {
		this.#options = options;
	}

	async post(message: EventMessage, signal: AbortSignal): Promise<Posted> {
		const deadline = AbortSignal.timeout(timeoutMs);
		try {
			const target = await this.#options.target();
			if (!target) return { taken: false, because: "no receiver is set any more" };
			const body = JSON.stringify(this.#options.redactor.maskDeep(message));
			return read(await this.#send(target, body, AbortSignal.any([deadline, signal])));
		} catch (error) {
			if (deadline.aborted) return { taken: false, because: `no answer within ${timeoutMs / 1000} s` };
			return { taken: false, because: signal.aborted ? "it was called off" : wordsFor(error) };
		}
	}

	/** Only the head of the answer is waited for; the connection is then dropped with whatever body is on its way. */
	async #send({ url, secret }: NotifyTarget, body: string, signal: AbortSignal): Promise<number> {
		const secure = url.protocol === "https:";
		const port = Number(url.port || (secure ? 443 : 80));
		const edge = { hostname: url.hostname.replace(/^\[|\]$/g, ""), port, secure, address: undefined };
		const client = new Client(url.origin, {
			// undici's own time-outs are coarse (one second); the signal is the one that counts.
			headersTimeout: 0,
			bodyTimeout: 0,
			connect: (_options, callback) => {
				connectEdge(edge, signal).then(
					(socket) => callback(null, socket),
					(error: Error) => callback(error, null),
				);
			},
		});
		try {
			const headers = {
				"content-type": "application/json",
				"user-agent": `deploymill/${this.#options.version}`,
				...(secret === undefined ? {} : { "x-deploymill-signature": signatureOf(body, secret) }),
			};
			const path = `${url.pathname}${url.search}`;
			const response = await client.request({ method: "POST", path, headers, body, signal, reset: true });
			response.body.on("error", () => undefined).destroy();
			return response.statusCode;
		} finally {
			await client.destroy().catch(() => undefined);
		}
	}
}

function signatureOf(body: string, secret: string): string {
	return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** Of the answers that say no, these ask to come again. */
const comeAgain = new Set([408, 425, 429]);

function read(status: number): Posted {
	if (status >= 200 && status < 300) return { taken: true };
	const redirects = status >= 300 && status < 400;
	const because = `it answered ${status}${redirects ? ", and redirects are not followed" : ""}`;
	return status >= 400 && status < 500 && !comeAgain.has(status) ? { taken: false, because, refused: true } : { taken: false, because };
}

/** Others' words may quote the address. */
function wordsFor(error: unknown): string {
	if (error instanceof EdgeConnectionFailed || error instanceof DeploymillError) return error.message;
	return "the connection was closed before an answer that is HTTP";
}
