// Puts together what a reconcile works with: a store, the model of Swarm, and a repository whose project files are texts.
import { randomIds } from "../../src/adapters/random-ids.ts";
import { endAs } from "../../src/engine/pipeline/end.ts";
import type { Clock } from "../../src/engine/ports/clock.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { type ReconcileOrder, type ReconcilePorts, type ReconcileResult, reconcile } from "../../src/engine/reconcile/reconcile.ts";
import { digestsOf } from "../../src/engine/service/digests.ts";
import type { IngressSettings } from "../../src/engine/service/ingress-labels.ts";
import { wantedSpec } from "../../src/engine/service/spec.ts";
import type { Application } from "../../src/model/application.ts";
import { ModelRegistry } from "../simulation/images/model-registry.ts";
import { RegistryServer } from "../simulation/images/registry-server.ts";
import { Cluster } from "../simulation/swarm/cluster.ts";
import { ModelSwarm } from "../simulation/swarm/model-swarm.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

export const ingress: IngressSettings = {
	dialect: "traefik",
	network: "deploymill",
	endpointMode: "vip",
	edgeScheme: "https",
	traefikEntrypoint: "websecure",
	traefikCertResolver: "letsencrypt",
};

export const digest = `sha256:${"a".repeat(64)}`;

const image = { reference: `registry:5000/hello@${digest}`, digest };
const deploymentId = "dep-live";
const leaseMs = 60_000;

export class ReconcileBench {
	readonly cluster: Cluster;
	readonly ports: ReconcilePorts;
	/** Faults that were written to the log. */
	readonly logged: string[] = [];
	/** Text of the project file by ref. */
	readonly #files = new Map<string, string>();

	/**
	 * @param clock of the store: the process's own where several share a file
	 * @param cluster another's, to work on the same Swarm
	 */
	constructor(store: Store, clock: Clock, cluster?: Cluster) {
		const registry = new RegistryServer();
		const virtualClock = new VirtualClock();
		this.cluster = cluster ?? new Cluster(virtualClock, registry);
		const say = (_facts: object, message: string) => void this.logged.push(message);
		this.ports = {
			store,
			clock,
			swarm: new ModelSwarm(this.cluster),
			registry: new ModelRegistry(virtualClock, registry),
			source: {
				checkAddress: () => undefined,
				checkout: () => Promise.reject(new Error("a reconcile checks nothing out")),
				commitsBetween: () => Promise.reject(new Error("a reconcile looks at one commit")),
				readFile: async (repoUrl, ref = "main") => {
					const text = this.#files.get(`${repoUrl} ${ref}`);
					const commit = { sha: Buffer.from(ref).toString("hex").padEnd(40, "0"), message: `file of ${ref}`, author: "a test" };
					return { commit, ref, ...(text === undefined ? {} : { text }) };
				},
			},
			settings: { ingress, keepRollbacks: 10, readOnly: false, maxFailedDeploys: 5 },
			ids: randomIds,
			log: { debug: say, info: say, warn: say, error: say },
		};
	}

	/** A web application's project file. */
	write(repoUrl: string, domains: string[], over: object = {}, ref = "main"): void {
		const [prod, ...custom] = domains;
		this.#files.set(`${repoUrl} ${ref}`, JSON.stringify({ version: 2, name: "Hello", port: 8080, domains: { prod, custom }, ...over }));
	}

	reconcile(repoUrl: string, over: Partial<ReconcileOrder> = {}): Promise<ReconcileResult> {
		return reconcile(this.ports, { repoUrl, dryRun: false, prune: false, requestedBy: "a test", ...over });
	}

	/** As after a deploy: the application's service, with its hosts, and the record of it. */
	async putLive(application: Application): Promise<void> {
		const { store } = this.ports;
		const { applicationId } = application;
		await this.makeService(application);
		store.beginDeployment(
			{ deploymentId, applicationId, kind: "deploy", request: {}, requestedBy: "a test", facts: { image } },
			0,
			leaseMs,
		);
		const hold = { applicationId, deploymentId, owner: "a test" };
		store.renewLock(hold, leaseMs);
		const digests = digestsOf(store, store.readEnv(applicationId), application.config);
		store.finishDeployments(hold, [{ deploymentId, end: endAs("live", digests) }]);
	}

	/** The service that a deploy makes. */
	async makeService(application: Application): Promise<void> {
		const env = this.ports.store.readEnv(application.applicationId);
		const spec = wantedSpec(
			{ application, env, image, deploymentId, gate: { on: false } },
			{ ingress, networkId: "modelnetwork", apiVersion: "1.51" },
		);
		await this.ports.swarm.createService(spec, undefined);
	}

	/** Labels of the application's service. */
	async labels(applicationId: string): Promise<Record<string, string>> {
		return (await this.ports.swarm.inspectService(applicationId))?.spec.Labels ?? {};
	}

	/** The application as it is recorded. */
	recorded(applicationId: string): Application {
		const application = this.ports.store.findApplication(applicationId);
		if (!application) throw new Error(`${applicationId} is not registered`);
		return application;
	}
}

/** Steps in short, e.g. `add domains b.test`. */
export function inShort({ plan }: ReconcileResult): string[] {
	return plan.steps.map(({ action, target, to }) => [action, target, ...(typeof to === "string" ? [to] : [])].join(" "));
}
