// Takes over what others set on the service: right before it is put there again, as what is set here from now on.
import { DeploymillError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import type { SwapPlan } from "../rollout/swap.ts";
import { digestsOf } from "../service/digests.ts";
import type { Run } from "./run.ts";

/** Nothing where nobody else set anything. @throws LockLost */
export function takeOver({ store }: Pick<Engine, "store">, run: Run, { others, application, env }: SwapPlan): void {
	const { applicationId, config, configCommit } = application;
	const { hosts, mounts, replicas, overruled, restored } = others;
	const names = Object.keys(others.env).sort();
	const isConfigured = hosts.length + mounts.length > 0 || replicas !== undefined;
	if (!isConfigured && names.length + overruled.length + restored.length === 0) return;
	const isHeld = names.length === 0 || fits(() => store.changeEnv(applicationId, { set: others.env, unset: [], replace: false }));
	if (isConfigured) store.updateConfig(applicationId, config, configCommit);
	run.record({
		others: {
			env: names,
			hosts,
			volumes: mounts.map(({ volumeName }) => volumeName),
			...(replicas === undefined ? {} : { replicas }),
			...(isHeld ? {} : { notHeld: true as const }),
			overruled,
			restored,
		},
		// What is not held here must be found again by the next swap.
		...digestsOf(store, isHeld ? env : store.readEnv(applicationId), config),
	});
}

/** False where an application cannot have as many env vars, or as large ones. */
function fits(change: () => void): boolean {
	try {
		change();
		return true;
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "invalid_input") return false;
		throw error;
	}
}
