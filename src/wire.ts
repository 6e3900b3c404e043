// Puts a process together: settings to adapters to the engine.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeOldCompiled } from "./adapters/compile-cache.ts";
import { prepareDataFolder } from "./adapters/data-folder.ts";
import { DockerClient } from "./adapters/docker/client.ts";
import { DockerImages } from "./adapters/docker/images.ts";
import { DockerRegistry } from "./adapters/docker/registry.ts";
import { DockerSwarm } from "./adapters/docker/swarm.ts";
import { GitSource } from "./adapters/git/git-source.ts";
import { proberOnDemand } from "./adapters/http/prober-on-demand.ts";
import { webhookOnDemand } from "./adapters/http/webhook-on-demand.ts";
import { LogFiles } from "./adapters/log-files.ts";
import { randomIds } from "./adapters/random-ids.ts";
import { recordChangesOf } from "./adapters/sqlite/record-changes.ts";
import { openStore } from "./adapters/sqlite/store.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { WorkerProcesses } from "./adapters/worker-process.ts";
import { readBaseImageLogin, readGitToken, readRegistryCredentials } from "./config/credentials.ts";
import { resolveDockerEndpoint } from "./config/docker-endpoint.ts";
import { handedSettings, handOver } from "./config/handed-settings.ts";
import { knowHelperLogins, knowKey } from "./config/known-secrets.ts";
import { readNotifyTarget } from "./config/notify.ts";
import type { Settings } from "./config/settings.ts";
import type { Engine, EngineSettings, Notify } from "./engine/engine.ts";
import type { EventReceiver } from "./engine/ports/event-receiver.ts";
import { errorMessage } from "./errors.ts";
import { createLog } from "./log.ts";
import type { KnownSecrets } from "./mcp/answer.ts";
import type { Redactor } from "./redact.ts";
import { Untrusted } from "./untrusted.ts";
import { version } from "./version.ts";

export interface Process {
	engine: Engine;
	settings: Settings;
	secrets: KnownSecrets;
	/** Loads what every deployment needs first, ahead of it. What cannot be loaded is told by who needs it. */
	load(): Promise<void>;
	/** Removes what processes that were killed left in the data folder. Never rejects: it is told in the log. */
	removeLeftovers(): Promise<void>;
	close(): void;
}

/** Connects to nothing yet. @throws internal for a database from a newer deploymill */
export function wire(env: NodeJS.ProcessEnv, settings: Settings, redactor: Redactor): Process {
	knowKey(settings, redactor);
	const untrusted = new Untrusted(redactor);
	const log = createLog(settings.logLevel, redactor);
	// Files of any library land in folders that only this user can enter.
	process.umask(0o077);
	prepareDataFolder(settings.dataFolder, settings.keyFile);
	const logFolder = join(settings.dataFolder, "logs");
	const { registry } = settings;
	const credentials = async () => (registry ? readRegistryCredentials(env, registry.host, redactor) : undefined);
	const client = new DockerClient(resolveDockerEndpoint(env, redactor), untrusted);
	const swarm = new DockerSwarm(client, settings.network, log);
	const databaseFile = join(settings.dataFolder, "deploymill.db");
	const store = openStore(
		databaseFile,
		settings.keyFile,
		(value) => redactor.addEnvValue(value),
		systemClock,
		(key) => redactor.addBytes(key),
	);
	const logins = knowHelperLogins(env, registry?.host, redactor);
	let unreadableBefore = 0;
	const source = new GitSource({
		protocols: settings.git.protocols,
		hosts: settings.git.hosts,
		token: () => readGitToken(env, redactor),
		tokenHost: settings.git.tokenHost,
		workDirectory: join(settings.dataFolder, "checkouts"),
		env,
		untrusted,
		redactor,
	});
	const { address } = settings.edge;
	const secrets: KnownSecrets = {
		logins,
		lookForEnvValues() {
			const unreadable = store.tellEnvValues();
			if (unreadable > unreadableBefore) log.warn({ unreadable }, "env values cannot be decrypted, so they are not masked");
			unreadableBefore = unreadable;
		},
	};
	const notify = wireNotify(settings, secrets, webhookOnDemand({ target: () => readNotifyTarget(env, redactor), version, redactor }));
	if (notify) store.expectReceiver();
	const prober = proberOnDemand({ version, ...(address ? { edgeAddress: address } : {}) });
	return {
		engine: {
			store,
			recordChanges: recordChangesOf(databaseFile),
			swarm,
			images: new DockerImages(client, (host) => readBaseImageLogin(env, host, registry?.host, redactor)),
			registry: new DockerRegistry(client, registry?.prefix, credentials),
			source,
			prober,
			logs: new LogFiles(logFolder, (error) =>
				log.warn({ error: errorMessage(error) }, "a line of a deployment's log could not be written"),
			),
			runtimeLogs: { read: (...wanted) => swarm.readServiceLogs(...wanted) },
			workers: new WorkerProcesses({
				program: fileURLToPath(new URL("./cli.js", import.meta.url)),
				logFolder,
				env: handOver(env, settings),
				mayPrepare: handedSettings(env) === undefined,
			}),
			notify,
			clock: systemClock,
			ids: randomIds,
			untrusted,
			settings: engineSettings(settings),
			log,
		},
		settings,
		secrets,
		async load() {
			await client.load().catch(() => undefined);
		},
		async removeLeftovers() {
			try {
				const folders = await source.removeLeftovers();
				const compiled = await removeOldCompiled(settings.dataFolder, systemClock.now());
				if (folders + compiled > 0) log.info({ folders, compiled }, "removed what processes that are gone had left in the data folder");
			} catch (error) {
				log.warn({ error: errorMessage(error) }, "what processes that are gone had left in the data folder could not be removed");
			}
		},
		close() {
			swarm.close();
			client.close();
			store.close();
		},
	};
}

/** A read-only server sends nothing: what was sent would have to be written down. */
function wireNotify({ notify, readOnly }: Settings, secrets: KnownSecrets, receiver: EventReceiver): Notify | undefined {
	if (!notify || readOnly) return undefined;
	const learnSecrets = async () => {
		await secrets.logins;
		secrets.lookForEnvValues();
	};
	return { receiver, wants: notify, learnSecrets };
}

function engineSettings({ ingress, network, endpointMode, edge, keepRollbacks, readOnly, maxFailedDeploys }: Settings): EngineSettings {
	const { kind, traefikEntrypoint, traefikCertResolver } = ingress;
	return {
		ingress: { dialect: kind, network, endpointMode, edgeScheme: edge.scheme, traefikEntrypoint, traefikCertResolver },
		keepRollbacks,
		readOnly,
		maxFailedDeploys,
	};
}
