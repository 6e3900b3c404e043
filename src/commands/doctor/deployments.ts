// Looks for deployments whose worker died and that nobody has settled yet.
import { join } from "node:path";
import { openStore } from "../../adapters/sqlite/store.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import type { Settings } from "../../config/settings.ts";
import type { Finding } from "./check.ts";

export function lookAtDeployments(dataFolder: string, { keyFile }: Settings): Finding<undefined> {
	const store = openStore(join(dataFolder, "deploymill.db"), keyFile, () => undefined, systemClock);
	try {
		const abandoned = store
			.listAbandoned()
			.map(({ deploymentId, applicationId, phase }) => `${deploymentId} of ${applicationId} (${phase})`);
		if (abandoned.length === 0) return { detail: "none is abandoned", value: undefined };
		return {
			detail: `abandoned by their worker: ${abandoned.join(", ")}`,
			cure: "The next server that starts settles them, e.g. `deploymill serve </dev/null`.",
			value: undefined,
		};
	} finally {
		store.close();
	}
}
