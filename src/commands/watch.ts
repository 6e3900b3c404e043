// Runs `deploymill watch`: prints events as they are recorded, whichever process records them, until nobody reads any more.
import { join } from "node:path";
import { prepareDataFolder } from "../adapters/data-folder.ts";
import { openStore, type SqliteStore } from "../adapters/sqlite/store.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { knowKey } from "../config/known-secrets.ts";
import { readSettings } from "../config/settings.ts";
import { messageOf } from "../engine/events/message.ts";
import { parseSince } from "../engine/logs/log-filter.ts";
import type { DeploymentEvent } from "../model/event.ts";
import { Untrusted } from "../untrusted.ts";
import type { Session } from "./session.ts";

interface WatchOptions {
	json?: boolean;
	since?: string;
}

const lookEveryMs = 500;
/** Read at once. */
const mostAtOnce = 100;

/** Follows for ever; a reader that left, SIGINT and SIGTERM end it with 0. @throws invalid_input for settings and a time that is none */
export async function watch({ json = false, since }: WatchOptions, { redactor }: Session): Promise<void> {
	const settings = readSettings(process.env);
	const fromMs = since === undefined ? undefined : parseSince(since, systemClock.now());
	process.umask(0o077);
	knowKey(settings, redactor);
	prepareDataFolder(settings.dataFolder, settings.keyFile);
	const file = join(settings.dataFolder, "deploymill.db");
	const store = openStore(file, settings.keyFile, (value) => redactor.addEnvValue(value), systemClock);
	const untrusted = new Untrusted(redactor);
	const lineOf = (event: DeploymentEvent) => {
		const message = redactor.maskDeep(messageOf(event, untrusted));
		return json ? JSON.stringify(message) : `${message.at} ${message.text.replaceAll("\n", " ")}`;
	};
	const end = () => process.exit(0);
	process.once("SIGINT", end);
	process.once("SIGTERM", end);
	// Each write is told of its own failure.
	process.stdout.on("error", () => undefined);
	for await (const event of follow(store, fromMs)) {
		if (!(await print(`${lineOf(event)}\n`))) end();
	}
}

/** From then on, or from now on. */
async function* follow(store: SqliteStore, fromMs: number | undefined): AsyncGenerator<DeploymentEvent> {
	let seen = fromMs === undefined ? store.newestEvent() : 0;
	for (;;) {
		const events = store.listEvents(seen, mostAtOnce);
		// Before what others recorded is shown, the secrets that others were given are known.
		if (events.length > 0) store.tellEnvValues();
		for (const { sequence, ...event } of events) {
			seen = sequence;
			if (fromMs === undefined || Date.parse(event.at) >= fromMs) yield event;
		}
		if (events.length === 0) await systemClock.sleep(lookEveryMs);
	}
}

/** False where nobody reads any more. Waits for a reader that is slow. */
async function print(line: string): Promise<boolean> {
	const fault = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => process.stdout.write(line, resolve));
	if (fault && fault.code !== "EPIPE") throw fault;
	return !fault;
}
