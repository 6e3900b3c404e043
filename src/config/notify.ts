// Reads where events are sent to and what signs them, anew at every use, so that rotating either needs no restart.
import { DeploymillError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { parseNotifyUrl, secretsInUrl } from "./notify-url.ts";
import { Refusal } from "./refusal.ts";
import { readSecret } from "./secret.ts";

export interface NotifyTarget {
	url: URL;
	/** Undefined: events are not signed. */
	secret: string | undefined;
}

/**
 * Undefined where no address is set.
 * @throws invalid_input when the address is none, or a file is no use
 */
export async function readNotifyTarget(env: NodeJS.ProcessEnv, redactor: Redactor): Promise<NotifyTarget | undefined> {
	const text = (await readSecret(env, "DEPLOYMILL_NOTIFY_URL", "invalid_input"))?.trim();
	if (text === undefined) return undefined;
	redactor.add(text, ...secretsInUrl(text));
	const secret = await readSecret(env, "DEPLOYMILL_NOTIFY_SECRET", "invalid_input");
	redactor.add(secret);
	return { url: parse(text), secret };
}

function parse(text: string): URL {
	try {
		return parseNotifyUrl(text);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new DeploymillError("invalid_input", `DEPLOYMILL_NOTIFY_URL or its file: ${error.message}`);
	}
}
