// Lists what has changed beside the image since an earlier release was live: env vars and configuration, which no rollback takes back.
import type { ApplicationConfig } from "../../model/application.ts";
import type { ChangedSince, Deployment } from "../../model/deployment.ts";
import type { Store } from "../ports/store.ts";
import { type Digests, digestsOf } from "../service/digests.ts";
import type { History } from "./targets.ts";

/** What a release would be put live with now. */
export function digestsNow(store: Store, { applicationId, config }: { applicationId: string; config: ApplicationConfig }): Digests {
	return digestsOf(store, store.readEnv(applicationId), config);
}

/**
 * Undefined where nothing is recorded of how the release was put live.
 * @param target whose image it is; the deployment that put this image live last, it or a rollback to it, is what counts
 */
export function changedSince(
	{ deployments }: History,
	target: Deployment,
	now: Pick<Deployment, "envDigests" | "configDigests">,
): ChangedSince | undefined {
	const then = putLive(deployments, target);
	if (!then?.envDigests) return undefined;
	return {
		env: differing(then.envDigests, now.envDigests ?? {}),
		config: then.configDigests ? differing(then.configDigests, now.configDigests ?? {}) : [],
	};
}

/** In words, how an env var came to be another one: added, changed or removed, and with which deployment, as far as is recorded. */
export function howEnvChanged({ deployments }: History, target: Deployment, now: Pick<Deployment, "envDigests">): (name: string) => string {
	const then = putLive(deployments, target);
	const later = deployments.filter(({ sequence, envDigests }) => envDigests && then && sequence > then.sequence).reverse();
	const last = later.at(-1) ?? then;
	return (name) => {
		const [before, after] = [then?.envDigests?.[name], now.envDigests?.[name]];
		const how = before === undefined ? "added" : after === undefined ? "removed" : "changed";
		const first = later.find(({ envDigests }) => envDigests?.[name] === after);
		return first ? `${how} by ${first.startedAt}, live with ${first.deploymentId}` : `${how} after ${last?.startedAt}, not live yet`;
	};
}

/** Of these names, those that the release was put live with: its app reads them, whatever their value is today. */
export function ranWith({ deployments }: History, target: Deployment, names: readonly string[]): string[] {
	const then = putLive(deployments, target)?.envDigests ?? {};
	return names.filter((name) => then[name] !== undefined);
}

/** The deployment that put this image live last. */
function putLive(newestFirst: readonly Deployment[], { image }: Deployment): Deployment | undefined {
	return newestFirst.find((item) => item.rolledOver && item.envDigests && item.image?.digest === image?.digest);
}

/** Names whose digests differ, in their order. */
export function differing(then: Record<string, string>, now: Record<string, string>): string[] {
	const names = new Set([...Object.keys(then), ...Object.keys(now)]);
	return [...names].filter((name) => then[name] !== now[name]).sort();
}
