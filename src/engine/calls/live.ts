// Reads what is live, and reopens a deployment that is recorded as not live and yet runs.
import { errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Mismatch } from "../../model/deployment.ts";
import type { Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { findMismatch } from "../history/mismatch.ts";
import { reopenIfLive } from "../pipeline/settle.ts";
import { type LiveView, observeAllLive, observeLive } from "../service/observe.ts";

/** What is live, and what of it deploymill did not put there. */
export interface Live extends LiveView {
	mismatch?: Mismatch;
}

/** Read the record after this: a deployment may be running again. */
export async function lookAtLive(engine: Engine, application: Application): Promise<Live> {
	const live = await observeLive(engine, application);
	await reopenQuietly(engine, live.release);
	return withMismatch(engine, application, live);
}

/** The same of each application, in their order. */
export async function lookAtAllLive(engine: Engine, applications: Application[]): Promise<Live[]> {
	const live = await observeAllLive(engine, applications);
	for (const { release } of live) await reopenQuietly(engine, release);
	return applications.map((application, at) => withMismatch(engine, application, live[at] ?? { observed: false }));
}

function withMismatch(engine: Engine, application: Application, live: LiveView): Live {
	const mismatch = live.observed ? findMismatch(engine, { application, service: live.service }) : undefined;
	return mismatch ? { ...live, mismatch } : live;
}

/** A look must not fail because what it found could not be begun: the next look finds it again. */
async function reopenQuietly(engine: Engine, release: Release | undefined): Promise<void> {
	try {
		await reopenIfLive(engine, release);
	} catch (error) {
		engine.log.warn({ deploymentId: release?.deploymentId, error: errorMessage(error) }, "a release that lives could not be opened again");
	}
}
