// Runs `deploymill serve`: MCP on stdio until the client leaves.
import { readSettings } from "../config/settings.ts";
import { keepDelivering } from "../engine/events/keep-delivering.ts";
import { settleAbandoned } from "../engine/pipeline/settle.ts";
import { errorMessage } from "../errors.ts";
import { createServer } from "../mcp/server.ts";
import { StdioTransport } from "../mcp/stdio-transport.ts";
import { version } from "../version.ts";
import { wire } from "../wire.ts";
import type { Session } from "./session.ts";

/** Of what the SDK says of a message, which may hold the whole of it. */
const longestWords = 500;

export async function serve(session: Session): Promise<void> {
	const { redactor } = session;
	const { engine, settings, secrets, removeLeftovers, close } = wire(process.env, readSettings(process.env), redactor);
	// One call's fault must not take the other calls with it.
	session.outlivesFaults = true;
	const { log } = engine;
	const deliveries = keepDelivering(engine);
	const leave = (why: string) => {
		log.debug({ why }, "leaving");
		deliveries[Symbol.dispose]();
		close();
		process.exit(0);
	};
	// The SDK's transport does not notice that stdin ended. Deployments go on without us.
	process.stdin.once("end", () => leave("stdin ended"));
	process.stdin.once("close", () => leave("stdin closed"));
	process.stdout.once("error", () => leave("stdout is gone"));
	process.once("SIGTERM", () => leave("SIGTERM"));
	process.once("SIGINT", () => leave("SIGINT"));
	const server = createServer({ engine, redactor, secrets, version, readOnly: settings.readOnly, approve: settings.approve });
	server.server.onerror = (error) =>
		log.warn({ error: errorMessage(error).slice(0, longestWords) }, "a message could not be handled or sent");
	await server.connect(new StdioTransport(process.stdin, process.stdout, { redactor, log }));
	log.info({ version, dataFolder: settings.dataFolder, readOnly: settings.readOnly }, "deploymill serves on stdio");
	await Promise.all([settleAbandoned(engine), removeLeftovers()]);
}
