// Plans how the applied configuration becomes what the project file says: what is set at once, and what grows and shrinks.
import { isDeepStrictEqual } from "node:util";
import type { ApplicationConfig, BuildConfig, Mount } from "../../model/application.ts";
import type { Setup } from "../service/setup.ts";

export interface Step {
	action: "register" | "adopt" | "set" | "add" | "remove";
	/** What it changes, by its name in the project file; or `service`, which is taken over, and `ingress labels`, which follow. */
	target: string;
	from?: unknown;
	to?: unknown;
	/** Why, and when it takes effect. */
	cause: string;
}

interface BlockedDomain {
	host: string;
	code: "host_taken";
	reason: string;
}

export interface DomainChanges {
	add: string[];
	remove: string[];
	blocked: BlockedDomain[];
}

export interface MountChanges {
	add: Mount[];
	remove: Mount[];
}

export interface PlanInput {
	/** Undefined: not registered yet. */
	applied: ApplicationConfig | undefined;
	wanted: ApplicationConfig;
	/** What an application's service has that others put there; undefined: nothing is taken over. */
	found?: Omit<Setup, "env"> | undefined;
	/** The project file says how many replicas there are to be. */
	declaresReplicas: boolean;
	/** Hosts of the project file that are not free, with why. */
	heldHosts: Map<string, string>;
	prune: boolean;
	/** Short name of the commit the file was read from. */
	commit: string;
}

export interface PlannedConfig {
	/** What is applied when the plan is carried out. */
	config: ApplicationConfig;
	steps: Step[];
	domains: DomainChanges;
	mounts: MountChanges;
	warnings: string[];
}

const nothing: Pick<ApplicationConfig, "domains" | "mounts"> = { domains: [], mounts: [] };

/** Settings that are replaced as a whole. Domains and mounts are lists that grow at once and shrink only with `prune`. */
const settings = [
	"name",
	"workload",
	"port",
	"rollback",
	"health",
	"healthDeclared",
	"resources",
	"replicas",
	"build",
	"migrations",
] as const;

export function planConfig(input: PlanInput): PlannedConfig {
	const { applied, wanted, heldHosts, prune, commit } = input;
	const before = withFound(applied ?? nothing, input.found);
	// A host that is applied already is not lost to whoever claimed it later: that would be a removal nobody asked for.
	const isBlocked = (host: string) => heldHosts.has(host) && !before.domains.includes(host);
	const blocked = wanted.domains
		.filter(isBlocked)
		.map((host) => ({ host, code: "host_taken" as const, reason: heldHosts.get(host) ?? "" }));
	const free = wanted.domains.filter((host) => !isBlocked(host));
	const goneDomains = before.domains.filter((host) => !wanted.domains.includes(host));
	const goneMounts = before.mounts.filter((mount) => !wanted.mounts.some((item) => isDeepStrictEqual(item, mount)));
	const [droppedMounts, keptMounts] = splitMounts(goneMounts, wanted.mounts, prune);
	const config: ApplicationConfig = {
		...wanted,
		...replicasOf(input),
		domains: [...free, ...(prune ? [] : goneDomains)],
		mounts: [...wanted.mounts, ...keptMounts],
	};
	const domains = { add: free.filter((host) => !before.domains.includes(host)), remove: prune ? goneDomains : [], blocked };
	const mounts = {
		add: wanted.mounts.filter((mount) => !before.mounts.some((item) => isDeepStrictEqual(item, mount))),
		remove: droppedMounts,
	};
	return {
		config,
		steps: stepsOf(applied, config, domains, mounts, commit),
		domains,
		mounts,
		warnings: [
			...free.filter((host) => heldHosts.has(host)).map((host) => `${host} was applied before and stays, but ${heldHosts.get(host)}`),
			...(prune ? [] : goneDomains.map((host) => `${host} is no longer in the project file; it stays until a reconcile with prune: true`)),
			...keptMounts.map(
				({ volumeName }) => `volume ${volumeName} is no longer in the project file; it stays mounted until a reconcile with prune: true`,
			),
			...(wanted.workload === "web" && config.domains.length === 0 ? ["no domain is left to reach or judge this app by"] : []),
		],
	};
}

/** What others put there is as good as applied: it goes only where the file says so, or with `prune`. */
function withFound({ domains, mounts }: Pick<ApplicationConfig, "domains" | "mounts">, found: PlanInput["found"]) {
	if (!found) return { domains, mounts };
	const isNew = ({ mountPath }: Mount) => mounts.every((mount) => mount.mountPath !== mountPath);
	return { domains: [...new Set([...domains, ...found.hosts])], mounts: [...mounts, ...found.mounts.filter(isNew)] };
}

/** What an operator scaled it to stays as long as the file says nothing. Scaled to nothing, it is not to stay so. */
function replicasOf({ applied, wanted, found, declaresReplicas }: PlanInput): Pick<ApplicationConfig, "replicas" | "replicasAdopted"> {
	const scaledTo = found && found.replicas > 0 ? found.replicas : applied?.replicasAdopted && applied.replicas;
	if (declaresReplicas || !scaledTo || scaledTo === wanted.replicas) return { replicas: wanted.replicas };
	return { replicas: scaledTo, replicasAdopted: true };
}

/** A mount whose place another volume takes must go, prune or not: a container has one volume at a path. */
function splitMounts(gone: Mount[], wanted: Mount[], prune: boolean): [dropped: Mount[], kept: Mount[]] {
	const mustGo = (mount: Mount) => prune || wanted.some(({ mountPath }) => mountPath === mount.mountPath);
	return [gone.filter(mustGo), gone.filter((mount) => !mustGo(mount))];
}

function stepsOf(
	applied: ApplicationConfig | undefined,
	config: ApplicationConfig,
	domains: DomainChanges,
	mounts: MountChanges,
	commit: string,
): Step[] {
	const cause = `project.json at ${commit}`;
	const later = `${cause}; takes effect at the next deploy or rollback`;
	const register: Step[] = applied
		? []
		: [{ action: "register", target: "application", to: config.name, cause: "the repository is new to this server" }];
	const set = settings
		.filter((key) => applied !== undefined && !isDeepStrictEqual(applied[key], config[key]))
		.map((key): Step => ({ action: "set", target: key, ...change(key, applied, config), cause: later }));
	const initial: Step[] = applied
		? []
		: initialOf(config).map((key) => ({ action: "set", target: key, ...value("to", config[key]), cause }));
	return [
		...register,
		...initial,
		...set,
		...domains.add.map((host): Step => ({ action: "add", target: "domains", to: host, cause })),
		...domains.remove.map((host): Step => ({ action: "remove", target: "domains", from: host, cause: `${cause}, pruned` })),
		...mounts.add.map((mount): Step => ({ action: "add", target: "mounts", to: mount, cause: later })),
		...mounts.remove.map((mount): Step => ({ action: "remove", target: "mounts", from: mount, cause: later })),
	];
}

/** A worker has no health endpoint to be asked. */
function initialOf({ workload }: ApplicationConfig): ("rollback" | "health" | "replicas")[] {
	return workload === "worker" ? ["rollback", "replicas"] : ["rollback", "health", "replicas"];
}

function change(
	key: (typeof settings)[number],
	applied: ApplicationConfig | undefined,
	config: ApplicationConfig,
): Pick<Step, "from" | "to"> {
	if (key !== "build") return { ...value("from", applied?.[key]), ...value("to", config[key]) };
	const before = applied?.build;
	return { ...value("from", before && withoutValues(before)), to: withoutValues(config.build, before) };
}

/** Of build arguments only the names are told, and which of them have another value: there are people who put secrets in them. */
function withoutValues({ args, ...build }: BuildConfig, before?: BuildConfig): object {
	const isChanged = (name: string) => before !== undefined && Object.hasOwn(before.args, name) && before.args[name] !== args[name];
	return { ...build, args: Object.keys(args).map((name) => (isChanged(name) ? `${name} (new value)` : name)) };
}

function value<Key extends "from" | "to">(key: Key, content: unknown): { [K in Key]?: unknown } {
	return content === undefined ? {} : ({ [key]: content } as { [K in Key]: unknown });
}
