// Tells what others set on a service since this data folder last knew how it was: compares three ways, as `kubectl apply` does.
import type { Application, ApplicationConfig, Mount } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import type { Store } from "../ports/store.ts";
import { digestField } from "./digests.ts";
import { lastPutThere } from "./last-put.ts";
import { type Setup, setupOf } from "./setup.ts";

/** How this data folder knows the service to have been, in digests. Undefined where no record tells. */
export type Base = Pick<Deployment, "envDigests" | "configDigests">;

/** What this data folder would put there by itself. */
export interface Own {
	env: Record<string, string>;
	config: ApplicationConfig;
}

/** What others set, and is kept. */
export interface Others {
	/** Values: secrets. */
	env: Record<string, string>;
	hosts: string[];
	mounts: Mount[];
	replicas?: number;
	/** Names of env vars that were changed both here and on the service since: the value that was set here wins. */
	overruled: string[];
	/** Names of env vars that others took off the service, and that are put there again. */
	restored: string[];
}

/** Nobody else set anything. */
export const noOthers: Others = { env: {}, hosts: [], mounts: [], overruled: [], restored: [] };

/**
 * What a service that others may have changed is compared with. That is the record of the deployment that is stamped on it, which may be
 * an earlier one that somebody put back by hand. Where another data folder stamped it, it is the record of what this one put there last.
 * Where this one never put anything there, it is an empty record: everything on the service was set by others.
 */
export function baseOf(store: Pick<Store, "findDeployment" | "findLastPut">, applicationId: string, { spec }: ObservedService): Base {
	const stamp = spec.Labels?.[labels.deployment];
	const stamped = stamp === undefined ? undefined : store.findDeployment(stamp);
	if (stamped?.applicationId === applicationId) return stamped;
	const last = lastPutThere(store, applicationId);
	return last ? (store.findDeployment(last.deploymentId) ?? {}) : { envDigests: {}, configDigests: {} };
}

/** @param digestEnv as the base's were made */
export function findOthers(service: ObservedService, own: Own, base: Base, digestEnv: Store["digestEnv"]): Others {
	const setup = setupOf(service);
	return { ...othersEnv(setup.env, own.env, base.envDigests, digestEnv), ...othersConfig(setup, own.config, base.configDigests) };
}

/** The application with what others set. */
export function withOthers(application: Application, { hosts, mounts, replicas }: Omit<Others, "env">): Application {
	const { config } = application;
	return {
		...application,
		config: {
			...config,
			domains: [...config.domains, ...hosts],
			mounts: [...config.mounts, ...mounts],
			...(replicas === undefined ? {} : { replicas, replicasAdopted: true }),
		},
	};
}

export function othersHosts(
	{ hosts }: Pick<Setup, "hosts">,
	{ domains }: Pick<ApplicationConfig, "domains">,
	digests: Base["configDigests"] | undefined,
): string[] {
	const isUntouched = digests?.domains === digestField("domains", hosts);
	return isUntouched ? [] : hosts.filter((host) => !domains.includes(host));
}

function othersEnv(
	there: Record<string, string>,
	here: Record<string, string>,
	base: Base["envDigests"] | undefined,
	digestEnv: Store["digestEnv"],
): Pick<Others, "env" | "overruled" | "restored"> {
	const [digestsThere, digestsHere] = [digestEnv(there), digestEnv(here)];
	const isOthers = (name: string) => here[name] !== there[name] && !(base && digestsThere[name] === base[name]);
	// Without a record: what was set here is wanted, and what was not set here is nobody's to drop.
	const isKept = (name: string) => !Object.hasOwn(here, name) || (base && digestsHere[name] === base[name]);
	const changed = Object.keys(there).filter(isOthers);
	const kept = changed.filter(isKept);
	return {
		env: Object.fromEntries(Object.entries(there).filter(([name]) => kept.includes(name))),
		overruled: base ? changed.filter((name) => !kept.includes(name)) : [],
		restored: Object.keys(here).filter((name) => !Object.hasOwn(there, name) && base?.[name] === digestsHere[name]),
	};
}

function othersConfig(
	setup: Setup,
	config: ApplicationConfig,
	digests: Base["configDigests"] | undefined,
): Pick<Others, "hosts" | "mounts" | "replicas"> {
	const isFree = ({ mountPath }: Mount) => config.mounts.every((mount) => mount.mountPath !== mountPath);
	const mounts = digests?.mounts === digestField("mounts", setup.mounts) ? [] : setup.mounts.filter(isFree);
	const scaled = digests && isScaled(setup.replicas, config.replicas, digests.replicas) ? { replicas: setup.replicas } : {};
	return { hosts: othersHosts(setup, config, digests), mounts, ...scaled };
}

/** By others, while nobody here has asked for another number since. Zero replicas are never kept: a deploy is to run. */
function isScaled(there: number, here: number, base: string | undefined): boolean {
	if (there === 0 || there === here || digestField("replicas", there) === base) return false;
	return base === undefined || digestField("replicas", here) === base;
}
