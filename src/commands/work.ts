// Runs `deploymill worker`: the detached process that takes one deployment to its end.
import { ThreadWatchdog } from "../adapters/watchdog.ts";
import { handedSettings } from "../config/handed-settings.ts";
import type { Settings } from "../config/settings.ts";
import { runDeployment } from "../engine/pipeline/worker.ts";
import { recordFault } from "../fault.ts";
import { wire } from "../wire.ts";
import type { Session } from "./session.ts";

/** A deployment, or a promise of one while its call is checked; undefined: there is none after all. */
export async function work(told: string | Promise<string | undefined>, { redactor }: Session): Promise<void> {
	const settings = await settingsOf(process.env);
	const { engine, secrets, load, removeLeftovers, close } = wire(process.env, settings, redactor);
	if (typeof told !== "string") void load();
	const deploymentId = await told;
	if (deploymentId === undefined) {
		close();
		process.exit();
	}
	nameProcess(deploymentId);
	try {
		// A build may tell a secret before anything here has used it.
		secrets.lookForEnvValues();
		await runDeployment(engine, deploymentId, secrets.logins, new ThreadWatchdog());
	} catch (error) {
		// The lease runs out, and whoever looks next settles what is left.
		recordFault(engine.log, error, "the worker ended early", { deploymentId });
		process.exitCode = 1;
	} finally {
		await removeLeftovers();
		close();
	}
	process.exit();
}

/** So that `ps` shows of every worker which deployment it is for, also of one that began before it knew. */
function nameProcess(deploymentId: string): void {
	const [node, program, command, argument] = process.argv;
	if (argument !== deploymentId) process.title = [node, program, command, deploymentId].join(" ");
}

/** A worker that a person starts reads them as a server does, with zod, which takes as long to load as all else. */
async function settingsOf(env: NodeJS.ProcessEnv): Promise<Settings> {
	return handedSettings(env) ?? (await import("../config/settings.ts")).readSettings(env);
}
