// Runs `deploymill init`: observe a Docker host, show the plan, and make what is missing once it is confirmed.
import { createInterface } from "node:readline/promises";
import { DockerClient } from "../adapters/docker/client.ts";
import { resolveDockerEndpoint } from "../config/docker-endpoint.ts";
import { readSettings } from "../config/settings.ts";
import { DeploymillError } from "../errors.ts";
import { Untrusted } from "../untrusted.ts";
import { apply } from "./init/apply.ts";
import { observe } from "./init/observe.ts";
import type { InitOptions } from "./init/options.ts";
import { makePlan, type Plan } from "./init/plan.ts";
import { showPlan, showSettings } from "./init/show.ts";
import type { Session } from "./session.ts";

/**
 * Safe to run again: what is there is left alone.
 * @throws invalid_input where the plan has obstacles or nobody confirmed it; what `apply` throws
 */
export async function init(options: InitOptions, { redactor }: Session): Promise<void> {
	const settings = readSettings(process.env);
	const client = new DockerClient(resolveDockerEndpoint(process.env, redactor), new Untrusted(redactor));
	try {
		const plan = makePlan(await observe(client, settings.network), settings, options);
		console.log(`${showPlan(plan, client.description)}\n`);
		if (plan.obstacles.length > 0) throw refusal("Nothing was made: clear what is in the way first.", "See the list above.");
		if (plan.steps.length === 0) return console.log("Nothing to do. `deploymill doctor` tells whether all is well.");
		if (options.dryRun) return console.log("A dry run: nothing was made.");
		await confirm(plan, options);
		const tell = (text: string) => console.error(`${text} ...`);
		await apply(plan, { client, settings, options, redactor, tell, give: (made) => console.log(showSettings(made)) });
		console.log("Done. `deploymill doctor` checks all of it.");
	} finally {
		client.close();
	}
}

async function confirm({ steps }: Plan, { yes = false }: InitOptions): Promise<void> {
	if (yes) return;
	if (!process.stdin.isTTY)
		throw refusal("Nothing was made: there is no terminal to confirm the plan at.", "Read it, and run again with --yes.");
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const answer = await terminal.question(`Make ${steps.length === 1 ? "it" : `all ${steps.length}`}? [y/N] `);
	terminal.close();
	if (!/^y(es)?$/i.test(answer.trim()))
		throw refusal("Nothing was made: the plan was not confirmed.", "Run it again and answer y, or pass --yes.");
}

function refusal(message: string, hint: string): DeploymillError {
	return new DeploymillError("invalid_input", message, { hint });
}
