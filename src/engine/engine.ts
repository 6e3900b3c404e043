// Bundles the ports and settings of a process, from which each use case takes those it needs.
import type { EventFilter } from "../model/event.ts";
import type { Untrusted } from "../untrusted.ts";
import type { Clock } from "./ports/clock.ts";
import type { DeploymentLogs } from "./ports/deployment-logs.ts";
import type { EventReceiver } from "./ports/event-receiver.ts";
import type { Ids } from "./ports/ids.ts";
import type { Images, Registry } from "./ports/images.ts";
import type { Prober } from "./ports/prober.ts";
import type { RecordChanges } from "./ports/record-changes.ts";
import type { RuntimeLogs } from "./ports/runtime-logs.ts";
import type { Source } from "./ports/source.ts";
import type { Store } from "./ports/store.ts";
import type { Swarm } from "./ports/swarm.ts";
import type { WorkerLauncher } from "./ports/worker-launcher.ts";
import type { IngressSettings } from "./service/ingress-labels.ts";

export interface EngineSettings {
	ingress: IngressSettings;
	/** Rollback points kept per application. */
	keepRollbacks: number;
	/** Nothing is changed, not even what another process left behind is settled. */
	readOnly: boolean;
	/** Failed deploys of one application in a row within an hour after which a deploy must be forced; 0: any number. */
	maxFailedDeploys: number;
}

export interface Notify {
	receiver: EventReceiver;
	wants: EventFilter;
	/** Awaited before events are put into words: from then on secrets that others were given are masked too. May reject. */
	learnSecrets(): Promise<void>;
}

/** Structured logging on stderr; pino fits. */
export interface Log {
	debug(facts: object, message: string): void;
	info(facts: object, message: string): void;
	warn(facts: object, message: string): void;
	error(facts: object, message: string): void;
}

export interface Engine {
	store: Store;
	recordChanges: RecordChanges;
	swarm: Swarm;
	images: Images;
	registry: Registry;
	source: Source;
	prober: Prober;
	logs: DeploymentLogs;
	runtimeLogs: RuntimeLogs;
	workers: WorkerLauncher;
	/** Undefined: events are recorded, and sent nowhere by this process. */
	notify: Notify | undefined;
	clock: Clock;
	ids: Ids;
	untrusted: Untrusted;
	settings: EngineSettings;
	log: Log;
}
