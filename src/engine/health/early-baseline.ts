// Asks the edges for their baseline while a call is checked, so that its worker need not ask before it swaps.
import type { Application } from "../../model/application.ts";
import type { DeploymentFacts } from "../../model/deployment.ts";
import { probeBaseline } from "./gate.ts";

/** What has not answered when the call has been checked is not waited for: the worker asks anew. */
export class EarlyBaseline implements Disposable {
	readonly #abort = new AbortController();
	#facts: Pick<DeploymentFacts, "baseline"> = {};

	constructor(ports: Parameters<typeof probeBaseline>[0], application: Application) {
		probeBaseline(ports, application, this.#abort.signal).then(
			(baseline) => {
				this.#facts = { baseline };
			},
			// The worker asks anew, and then it is told.
			() => undefined,
		);
	}

	/** Of the deployment that is begun now. */
	get facts(): Pick<DeploymentFacts, "baseline"> {
		return this.#facts;
	}

	[Symbol.dispose](): void {
		this.#abort.abort();
	}
}
