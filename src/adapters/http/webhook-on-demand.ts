// Stands in for the webhook until the first event: most processes send none, and undici and TLS are a large part of one.
import type { EventReceiver } from "../../engine/ports/event-receiver.ts";
import type { WebhookOptions } from "./webhook.ts";

export function webhookOnDemand(options: WebhookOptions): EventReceiver {
	let loading: Promise<EventReceiver> | undefined;
	const load = async () => new (await import("./webhook.ts")).Webhook(options);
	return {
		async post(...what) {
			loading ??= load();
			return (await loading).post(...what);
		},
	};
}
