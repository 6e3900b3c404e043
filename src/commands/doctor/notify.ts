// Checks where events are sent: the settings can be read, nothing has been waiting, and on demand one event gets through.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Webhook } from "../../adapters/http/webhook.ts";
import { openStore } from "../../adapters/sqlite/store.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { type NotifyTarget, readNotifyTarget } from "../../config/notify.ts";
import type { Settings } from "../../config/settings.ts";
import type { EventMessage } from "../../engine/ports/event-receiver.ts";
import { DeploymillError } from "../../errors.ts";
import { nameUser } from "../../mcp/requester.ts";
import type { Redactor } from "../../redact.ts";
import { version } from "../../version.ts";
import type { Finding } from "./check.ts";

/** Whoever has it can make a signature by trying secrets. */
const shortestSecret = 16;

export interface NotifyOptions {
	env: NodeJS.ProcessEnv;
	redactor: Redactor;
	/** Sends one for trial. */
	trial: boolean;
}

export async function lookAtNotify(settings: Settings, dataFolder: string, options: NotifyOptions): Promise<Finding<undefined>> {
	const target = await readNotifyTarget(options.env, options.redactor);
	if (!target) return nowhere(options);
	if (options.trial) await sendTrial(target, options);
	const waiting = countWaiting(dataFolder, settings);
	const what = settings.notify === "all" ? "every end of a deployment" : "what went wrong";
	const signed = target.secret === undefined ? "not signed" : "signed";
	const wait = waiting === 0 ? "" : `; ${waiting} wait to be sent`;
	const detail = `${what} is sent, ${signed}${wait}${options.trial ? "; the receiver took one for trial" : ""}`;
	const cure = cureOf(target, waiting);
	return { detail, ...(cure === undefined ? {} : { cure }), value: undefined };
}

/** @throws invalid_input where one was to be sent */
function nowhere({ trial }: NotifyOptions): Finding<undefined> {
	if (!trial) return { detail: "events are sent nowhere; `deploymill watch` shows them", value: undefined };
	throw new DeploymillError("invalid_input", "There is no receiver that an event could be sent to.", {
		hint: "Set DEPLOYMILL_NOTIFY_URL, or DEPLOYMILL_NOTIFY_URL_FILE, to the address of a webhook.",
	});
}

/** One try: a person waits for it. */
async function sendTrial(target: NotifyTarget, { redactor }: NotifyOptions): Promise<void> {
	const webhook = new Webhook({ target: async () => target, version, redactor });
	const posted = await webhook.post(trialMessage(), new AbortController().signal);
	if (posted.taken) return;
	throw new DeploymillError("internal", `The receiver did not take an event: ${posted.because}.`, {
		hint: "Check the address in DEPLOYMILL_NOTIFY_URL or its file, and that this machine reaches its host. Deployments go on without it.",
	});
}

function trialMessage(): EventMessage {
	const id = randomBytes(6).toString("hex");
	return {
		deliveryId: `trial-${id}`,
		event: "trial",
		applicationId: "trial",
		deploymentId: `trial-${id}`,
		kind: "deploy",
		outcome: null,
		verdict: null,
		commit: null,
		note: "Sent by `deploymill doctor --notify`: events arrive here.",
		requestedBy: nameUser(),
		at: new Date().toISOString(),
		text: "deploymill: a message for trial. Events of deployments arrive here.",
	};
}

function countWaiting(dataFolder: string, { keyFile }: Settings): number {
	const store = openStore(join(dataFolder, "deploymill.db"), keyFile, () => undefined, systemClock);
	try {
		return store.countWaiting();
	} finally {
		store.close();
	}
}

function cureOf({ url, secret }: NotifyTarget, waiting: number): string | undefined {
	if (waiting > 0) return "See whether the receiver takes one: `deploymill doctor --notify`. What waits is tried by every process.";
	if (secret !== undefined && secret.length < shortestSecret) {
		return `Make DEPLOYMILL_NOTIFY_SECRET a random one of ${shortestSecret} characters or more: a short one can be guessed.`;
	}
	if (url.protocol === "http:" && !isLoopback(url.hostname)) return "Use https: names and commit messages can be read on their way.";
	return undefined;
}

function isLoopback(hostname: string): boolean {
	return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
