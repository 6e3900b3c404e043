// Looks at an application as clients do, again and again, and settles what was left, until nothing more happens.
import { lookAtLive } from "../../src/engine/calls/live.ts";
import { keepDelivering } from "../../src/engine/events/keep-delivering.ts";
import { settleAbandoned } from "../../src/engine/pipeline/settle.ts";
import { DeploymillError } from "../../src/errors.ts";
import { undelivered } from "./rules/deliveries.ts";
import type { Witness } from "./rules/witness.ts";
import type { SimulatedProcess } from "./world/process.ts";

const lookEveryMs = 4_000;
/** A late update, or a task that ends late, comes to light in this time. */
const quietMs = 32_000;

export interface LookingOn {
	witness: Witness;
	/** The process that looks. */
	onlooker: SimulatedProcess;
	/** Resolves when nothing more is done in the world. */
	told: Promise<unknown>;
	/** After this long without an end there is none. */
	longestMs: number;
	/** Called after every look. */
	onLook?: () => void;
}

/** Until all was done, nothing is left running, and nothing more happened for a while. */
export async function lookOn({ witness, onlooker, told, longestMs, onLook }: LookingOn): Promise<void> {
	const { clock } = witness.world;
	let isTold = false;
	void told.then(() => {
		isTold = true;
	});
	using _deliveries = keepDelivering(onlooker.engine);
	const endMs = clock.monotonic() + longestMs;
	let quietSinceMs = clock.monotonic();
	while (clock.monotonic() - quietSinceMs < quietMs && clock.monotonic() < endMs) {
		await look(onlooker, witness);
		onLook?.();
		if (!isTold || isBusy(witness)) quietSinceMs = clock.monotonic();
		await clock.sleep(lookEveryMs);
	}
}

function isBusy({ world, folder, truth: { applicationId } }: Witness): boolean {
	const { store } = folder;
	if (world.isAnybodySuspended || store.listOpenProbations(applicationId).length > 0) return true;
	return store.listDeployments(applicationId, 3).some(({ status }) => status === "running") || undelivered(world, folder).length > 0;
}

/** As any call does that looks at the application. */
async function look({ engine }: SimulatedProcess, witness: Witness): Promise<void> {
	const { folder, truth } = witness;
	try {
		await settleAbandoned(engine);
		const application = folder.store.findApplication(truth.applicationId);
		if (application) await lookAtLive(engine, application);
	} catch (error) {
		if (!(error instanceof DeploymillError)) witness.breach("a look fails with a code", String(error));
	}
}
