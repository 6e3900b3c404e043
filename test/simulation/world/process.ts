// Runs one process of deploymill, a server or a worker, with an engine of its own that sees the world through its ports alone.
import type { Engine, EngineSettings, Log } from "../../../src/engine/engine.ts";
import { runDeployment } from "../../../src/engine/pipeline/worker.ts";
// The pipeline loads it when it needs it. Real time would pass in that, and virtual time run on meanwhile.
import "../../../src/config/project.ts";
import { Redactor } from "../../../src/redact.ts";
import { Untrusted } from "../../../src/untrusted.ts";
import { ModelImages } from "../images/model-images.ts";
import { ModelRegistry } from "../images/model-registry.ts";
import { ModelSwarm } from "../swarm/model-swarm.ts";
import type { DataFolder } from "./data-folder.ts";
import { Killed, Life } from "./life.ts";
import { type CallObserver, PortCalls } from "./port-calls.ts";
import { ProcessClock } from "./process-clock.ts";
import type { World } from "./world.ts";

export type Observed = Partial<CallObserver>;

const settings: EngineSettings = {
	ingress: {
		dialect: "none",
		network: "deploymill",
		endpointMode: "vip",
		edgeScheme: "http",
		traefikEntrypoint: "web",
		traefikCertResolver: "none",
	},
	keepRollbacks: 10,
	maxFailedDeploys: 5,
	readOnly: false,
};

/** From the call until the new process is there, and has read its first line. */
const startMs = 300;

/** How often one looks whose data folder cannot be watched. */
const unwatchedMs = 100;

const untrusted = new Untrusted(new Redactor());

export class SimulatedProcess {
	readonly name: string;
	readonly life: Life;
	readonly engine: Engine;
	/** Warnings and errors of the process's own log. */
	readonly log: string[] = [];
	readonly #world: World;
	readonly #folder: DataFolder;
	readonly #observer: Observed;

	/** @param observer is asked about every call of the process, and of the workers that it starts */
	constructor(world: World, name: string, folder: DataFolder, observer: Observed = {}) {
		this.name = name;
		this.#world = world;
		this.#folder = folder;
		this.#observer = observer;
		this.life = new Life(world.clock);
		world.lives.push(this.life);
		this.engine = this.#makeEngine();
	}

	/** What it does ends with it, and may end in an error of its own end. */
	async #work(deploymentId: string): Promise<void> {
		try {
			await runDeployment(this.engine, deploymentId, Promise.resolve());
		} catch (error) {
			if (!(error instanceof Killed)) this.#world.crashes.push({ process: this.name, error });
		}
	}

	#makeEngine(): Engine {
		const { clock, cluster, registry: server, repositories, prober, receiver } = this.#world;
		const observer = { meet: () => undefined, ...this.#observer };
		const calls = new PortCalls(this.name, clock, this.life, observer);
		const registry = new ModelRegistry(clock, server);
		const images = new ModelImages(clock, cluster.localAgent.images, server, (order) => repositories.buildOf(order));
		const source = calls.wrap("source", repositories);
		const processClock = new ProcessClock(clock, this.life);
		const workers = calls.wrap("workers", { start: (deploymentId: string) => this.#startWorker(deploymentId) });
		return {
			store: calls.wrap("store", this.#folder.store),
			// Without a watch: time alone ends a wait.
			recordChanges: {
				watch: () => ({ next: (ms, signal) => processClock.sleep(Math.min(ms, unwatchedMs), signal), [Symbol.dispose]() {} }),
			},
			swarm: calls.wrap("swarm", new ModelSwarm(cluster, { name: this.name, home: this.#folder })),
			images: calls.wrap("images", images),
			registry: calls.wrap("registry", registry),
			source: {
				checkAddress: () => source.checkAddress(),
				checkout: async (...args) => calls.wrap("checkout", await source.checkout(...args)),
				readFile: (...args) => source.readFile(...args),
				commitsBetween: (...args) => source.commitsBetween(...args),
			},
			prober: calls.wrap("prober", prober),
			logs: this.#folder.logs,
			runtimeLogs: { read: async () => ({ lines: [], truncated: false }) },
			workers: {
				start: (deploymentId) => workers.start(deploymentId),
				prepare: () => ({ start: (deploymentId) => workers.start(deploymentId), [Symbol.dispose]() {} }),
			},
			notify: { receiver: calls.wrap("receiver", receiver), wants: "all", learnSecrets: async () => undefined },
			clock: processClock,
			ids: { next: (kind) => this.#world.nextId(kind) },
			untrusted,
			settings,
			log: this.#makeLog(),
		};
	}

	async #startWorker(deploymentId: string): Promise<void> {
		const worker = new SimulatedProcess(this.#world, `worker of ${deploymentId}`, this.#folder, this.#observer);
		this.#world.clock.after(startMs, () => void worker.#work(deploymentId));
	}

	#makeLog(): Log {
		const write = (facts: object, message: string) => void this.log.push(`${message} ${JSON.stringify(facts)}`);
		return { debug() {}, info() {}, warn: write, error: write };
	}
}
