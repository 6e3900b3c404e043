// Carries out a reconcile's plan. It decides nothing.
import { DeploymillError } from "../../errors.ts";
import type { Application, ApplicationConfig } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import { labels, type ServiceSpec } from "../../model/service.ts";
import { ensureRouteNameFree } from "../claims/route-names.ts";
import type { Engine } from "../engine.ts";
import { reconcileLeaseMs } from "../pipeline/lease-times.ts";
import { settleAbandoned } from "../pipeline/settle.ts";
import { ServiceChanged } from "../ports/swarm.ts";
import { stampHosts } from "../service/host-stamp.ts";
import { ingressLabelPrefixes } from "../service/ingress-labels.ts";
import { observeOwnService } from "../service/observe.ts";
import { routingLabels } from "../service/spec.ts";
import type { Plan } from "./plan.ts";

export interface ApplyOrder {
	application: Application | undefined;
	repoUrl: string;
	slugs: Iterable<string>;
	config: ApplicationConfig;
	commit: Commit;
	plan: Plan;
	requestedBy: string;
}

/** @throws deploy_in_progress: a configuration does not change under a running deployment; host_taken */
export async function applyPlan(engine: Engine, order: ApplyOrder): Promise<Application> {
	const { application, config, commit } = order;
	if (!application) return engine.store.registerApplication(order.repoUrl, order.slugs, config, commit.sha);
	if (order.plan.steps.length === 0) return application;
	return underLock(engine, application, order.requestedBy, async () => {
		const changed = { ...application, config, configCommit: commit.sha };
		if (order.plan.steps.some(({ target }) => target === "domains" || target === "ingress labels")) await reroute(engine, changed);
		engine.store.updateConfig(application.applicationId, config, commit.sha);
		return changed;
	});
}

async function underLock<T>(engine: Engine, { applicationId }: Application, requestedBy: string, work: () => Promise<T>): Promise<T> {
	await settleAbandoned(engine);
	const hold = { applicationId, deploymentId: engine.ids.next("reconcile"), owner: engine.ids.next("run") };
	const holder = engine.store.acquireLock(hold, requestedBy, reconcileLeaseMs);
	if (holder) {
		throw new DeploymillError(
			"deploy_in_progress",
			`${applicationId} is being changed by ${holder.deploymentId} since ${holder.since}. Nothing was applied.`,
			{
				details: { deploymentId: holder.deploymentId, requestedBy: holder.requestedBy, since: holder.since },
			},
		);
	}
	try {
		return await work();
	} finally {
		engine.store.releaseLock(hold);
	}
}

/** Hosts are labels of the service: they change at once, and no task is replaced. The port stays the one that runs. */
async function reroute(engine: Engine, application: Application): Promise<void> {
	const { applicationId, config } = application;
	for (;;) {
		const service = await observeOwnService(engine.swarm, application);
		if (!service) return;
		ensureRouteNameFree(application, engine.settings.ingress, await engine.swarm.listServices(), service);
		const port = Number(service.spec.Labels[labels.port] ?? config.port);
		const routing = routingLabels({ ...application, config: { ...config, port } }, engine.settings.ingress);
		const others = Object.entries(service.spec.Labels).filter(([key]) => !isRouting(key));
		const spec: ServiceSpec = {
			...service.spec,
			Labels: stampHosts({ ...Object.fromEntries(others), ...routing }, service.spec.Labels, engine.clock.now()),
		};
		try {
			return await engine.swarm.updateService(applicationId, service.version, spec, undefined);
		} catch (error) {
			if (!(error instanceof ServiceChanged)) throw error;
		}
	}
}

function isRouting(key: string): boolean {
	return (
		key === labels.hosts ||
		key === labels.hostsSince ||
		key === labels.port ||
		ingressLabelPrefixes.some((prefix) => key.startsWith(prefix))
	);
}
