// Finds what runs on the Swarm in place of what deploymill last put there.
import { type Deployment, isPastSwap, type Mismatch } from "../../model/deployment.ts";
import { labels, type ObservedService, type ObservedTask } from "../../model/service.ts";
import type { Untrusted } from "../../untrusted.ts";
import type { Store } from "../ports/store.ts";
import { isPutBefore, lastPutThere, type PutRelease } from "../service/last-put.ts";
import { isOfRevision, isRunning, replicasOf, revisionOf } from "../service/revision.ts";
import { digestIn, releaseOf } from "../service/spec.ts";

/** The longest reference that Docker takes has 255 characters of name, and a digest. */
const longestReference = 400;

export interface Look {
	application: { applicationId: string; repository: string };
	/** Of the application's name, whoever made it; undefined: there is none. */
	service: ObservedService | undefined;
	/** Of the service, where they were looked at too. */
	tasks?: ObservedTask[];
}

/**
 * Undefined where the service asks for what deploymill last put there, where nothing was ever put there or taken away, and while a
 * deployment is past its swap: then it is that deployment's to say.
 */
export function findMismatch(
	{ store, untrusted }: { store: Pick<Store, "listDeployments" | "findDeployment" | "findLastPut">; untrusted: Untrusted },
	{ application, service, tasks = [] }: Look,
): Mismatch | undefined {
	const { applicationId, repository } = application;
	// A revert runs within the deploy that caused it: two at most are under way.
	const newest = store.listDeployments(applicationId, 2);
	if (newest.some((deployment) => deployment.status === "running" && isPastSwap(deployment))) return undefined;
	const last = lastPutThere(store, applicationId);
	const expected = last && { expected: last.deploymentId };
	if (!service) return last && { kind: "gone", ...expected };
	const there = () => ({
		image: untrusted.line(service.spec.TaskTemplate.ContainerSpec?.Image ?? "", longestReference),
		...sinceOf(service),
		...expected,
	});
	if (service.spec.Labels?.[labels.repository] !== repository) return last && { kind: "not_ours", ...there() };
	const kind = kindOf(service, last, (id) => store.findDeployment(id));
	if (kind) return { kind, ...there(), ...stampOf(service), ...shareOf(service, tasks) };
	// Also of what was left there without success: a release that was scaled away in its gate is none that runs.
	if (replicasOf(service) === 0) return { kind: "scaled_to_zero", ...there() };
	if (!last || releaseOf(service)?.deploymentId !== last.deploymentId) return undefined;
	return strays(untrusted, service, tasks, last);
}

/** Undefined where the service asks for what was last put there, or for what a deployment of ours left there without success. */
function kindOf(
	service: ObservedService,
	last: PutRelease | undefined,
	find: (deploymentId: string) => Deployment | undefined,
): Extract<Mismatch["kind"], "image" | "unstamped" | "put_back" | "unknown_release"> | undefined {
	const release = releaseOf(service);
	if (!release) return last && digestIn(service.spec.TaskTemplate.ContainerSpec.Image) === last.digest ? "unstamped" : "image";
	if (release.deploymentId === last?.deploymentId) return undefined;
	const known = find(release.deploymentId);
	if (!known) return "unknown_release";
	const before = last && find(last.deploymentId);
	return before && isPutBefore(known, before) ? "put_back" : undefined;
}

/** An update under way, or one that stands still: what runs is not all of what the service asks for. */
function strays(untrusted: Untrusted, service: ObservedService, tasks: ObservedTask[], last: PutRelease): Mismatch | undefined {
	const running = tasks.filter(isRunning);
	const others = running.filter((task) => !isOfRevision(task, revisionOf(service)));
	const [first] = others;
	if (!first) return undefined;
	const since = others.map((task) => task.since).sort()[0];
	return {
		kind: "tasks",
		image: untrusted.line(first.image, longestReference),
		...(since === undefined ? {} : { since }),
		expected: last.deploymentId,
		tasks: { running: others.length, of: running.length },
	};
}

/** How many of the running tasks run what the service asks for. */
function shareOf(service: ObservedService, tasks: ObservedTask[]): Pick<Mismatch, "tasks"> {
	const running = tasks.filter(isRunning);
	if (running.length === 0) return {};
	return { tasks: { running: running.filter((task) => isOfRevision(task, revisionOf(service))).length, of: running.length } };
}

function stampOf(service: ObservedService): Pick<Mismatch, "deploymentId"> {
	const release = releaseOf(service);
	return release ? { deploymentId: release.deploymentId } : {};
}

/** Swarm shows the update that replaced the tasks until an edit comes that replaces none: then only the latest edit's time is known. */
function sinceOf({ updateStatus, updatedAt }: ObservedService): Pick<Mismatch, "since" | "sinceAtLatest"> {
	if (updateStatus?.startedAt) return timeOf("since", updateStatus.startedAt);
	return updatedAt === undefined ? {} : timeOf("sinceAtLatest", updatedAt);
}

/** Swarm tells nanoseconds. */
function timeOf<Key extends "since" | "sinceAtLatest">(key: Key, time: string): { [K in Key]?: string } {
	const milliseconds = Date.parse(time);
	return Number.isNaN(milliseconds) ? {} : ({ [key]: new Date(milliseconds).toISOString() } as { [K in Key]: string });
}
