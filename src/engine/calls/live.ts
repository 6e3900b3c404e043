// Looks at what is live, and opens again what the record says is not.
import type { Application } from "../../model/application.ts";
import type { Engine } from "../engine.ts";
import { reopenIfLive } from "../pipeline/settle.ts";
import { type LiveView, observeAllLive, observeLive } from "../service/observe.ts";

/** Read the record after this: a deployment may be running again. */
export async function lookAtLive(engine: Engine, application: Application): Promise<LiveView> {
	const live = await observeLive(engine, application);
	await reopenIfLive(engine, live.release);
	return live;
}

/** The same of each application, in their order. */
export async function lookAtAllLive(engine: Engine, applications: Application[]): Promise<LiveView[]> {
	const live = await observeAllLive(engine, applications);
	for (const { release } of live) await reopenIfLive(engine, release);
	return live;
}
