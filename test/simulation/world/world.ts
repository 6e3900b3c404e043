// Builds a world for processes to work in: one Swarm with its registry and ingress, repositories, and data folders.
import type { ApplicationConfig } from "../../../src/model/application.ts";
import { RegistryServer } from "../images/registry-server.ts";
import { Ingress } from "../network/ingress.ts";
import { ModelProber } from "../network/model-prober.ts";
import { ModelReceiver } from "../network/model-receiver.ts";
import { Cluster } from "../swarm/cluster.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { DataFolder } from "./data-folder.ts";
import type { Life } from "./life.ts";
import { Repositories } from "./repositories.ts";

export class World implements Disposable {
	readonly clock = new VirtualClock();
	readonly registry = new RegistryServer();
	readonly cluster: Cluster;
	readonly ingress: Ingress;
	readonly prober: ModelProber;
	readonly receiver = new ModelReceiver(this.clock);
	readonly repositories = new Repositories(this.clock);
	readonly lives: Life[] = [];
	/** What a process died of that nobody killed: a fault of the engine, or of this model. */
	readonly crashes: { process: string; error: unknown }[] = [];
	readonly #folders: DataFolder[] = [];
	#ids = 0;

	constructor(nodeCount = 1) {
		this.cluster = new Cluster(this.clock, this.registry, nodeCount);
		this.ingress = new Ingress(this.cluster);
		this.prober = new ModelProber(this.clock, this.ingress);
	}

	openFolder(): DataFolder {
		const folder = new DataFolder(this.clock);
		this.#folders.push(folder);
		return folder;
	}

	get isAnybodySuspended(): boolean {
		return this.lives.some(({ isSuspended }) => isSuspended);
	}

	/** The same in every run of the same story, and none twice. */
	nextId(kind: string): string {
		return `${kind}-${String(++this.#ids).padStart(4, "0")}`;
	}

	[Symbol.dispose](): void {
		for (const folder of this.#folders) folder[Symbol.dispose]();
	}
}

/** A web app whose rollback points are recorded and whose bad releases are taken back, as a project file would configure it. */
export function webConfig(change: Partial<ApplicationConfig> = {}): ApplicationConfig {
	return {
		name: "Hello",
		workload: "web",
		port: 3000,
		domains: ["hello.test"],
		rollback: { enabled: true, auto: true },
		health: { path: "/healthz", retries: 2, intervalMs: 1_000, timeoutMs: 1_000 },
		healthDeclared: true,
		mounts: [],
		resources: {},
		replicas: 1,
		build: { dockerfile: "Dockerfile", context: ".", args: {} },
		migrations: [],
		...change,
	};
}
