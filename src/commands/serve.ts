// Owns `deploymill serve`: MCP on stdio until the client leaves.
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { settleAbandoned } from "../engine/pipeline/settle.ts";
import { createServer } from "../mcp/server.ts";
import { version } from "../version.ts";
import { wire } from "../wire.ts";

export async function serve(): Promise<void> {
	const { engine, redactor, settings, close } = wire(process.env);
	const { log } = engine;
	const leave = (why: string) => {
		log.debug({ why }, "leaving");
		close();
		process.exit(0);
	};
	// The SDK's transport does not notice that stdin ended. Deployments go on without us.
	process.stdin.once("end", () => leave("stdin ended"));
	process.stdin.once("close", () => leave("stdin closed"));
	process.stdout.once("error", () => leave("stdout is gone"));
	process.once("SIGTERM", () => leave("SIGTERM"));
	process.once("SIGINT", () => leave("SIGINT"));
	// One call's fault must not take the other calls with it.
	process.on("uncaughtException", (error) => log.error({ error: error.stack ?? error.message }, "uncaught"));
	process.on("unhandledRejection", (reason) =>
		log.error({ error: reason instanceof Error ? reason.stack : String(reason) }, "unhandled rejection"),
	);
	const server = createServer({ engine, redactor, version, readOnly: settings.readOnly });
	await server.connect(new StdioServerTransport());
	log.info({ version, dataFolder: settings.dataFolder, readOnly: settings.readOnly }, "deploymill serves on stdio");
	await settleAbandoned(engine);
}
