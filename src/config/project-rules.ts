// Checks the fields of a project file against each other: what does not go together, and what deserves a warning.
import type { Workload } from "../model/application.ts";
import { refusedWithinMs } from "../model/check-times.ts";
import { hostedFields, type Project } from "./project-schema.ts";
import { quote } from "./quote.ts";

/** A hanging endpoint that takes longer to judge keeps everybody waiting. */
const longJudgementMs = 180_000;

/** What is missing or in excess for the kind of application it is. Looks at the raw file, so that these are told along with all else. */
export function findContradictions(raw: Record<string, unknown>): string[] {
	if (workloadOf(raw) === "web") {
		return [
			...(has(raw, "port") ? [] : ["port: missing, a web application needs the port its container listens on (1-65535)"]),
			...(has(raw, "domains") ? [] : ["domains.prod: missing, a web application needs a host name"]),
		];
	}
	return findExcess(raw).map((field) => `${field}: a worker has none; remove it, or set workload to "web"`);
}

/** Fields that a worker has given though it can have none; what stands in them does not matter. */
export function findExcess(raw: Record<string, unknown>): string[] {
	return workloadOf(raw) === "worker" ? ["port", "domains"].filter((field) => has(raw, field)) : [];
}

/** What was asked for, or what port and domains say; undefined where something else was asked for. */
export function workloadOf(file: { workload?: unknown }): Workload | undefined {
	if (file.workload === "web" || file.workload === "worker") return file.workload;
	if (file.workload !== undefined) return undefined;
	return has(file, "port") || has(file, "domains") ? "web" : "worker";
}

/** Fields that are accepted and not acted on. */
export function findIgnored(raw: Record<string, unknown>): string[] {
	return hostedFields.filter((field) => has(raw, field));
}

/** What is allowed but hardly meant. */
export function findWarnings(project: Project, raw: Record<string, unknown>): string[] {
	return [
		...findIgnored(raw).map((field) => `${field}: a field of hosted deploymill, which this server does not manage; ignored`),
		...repeatedDomains(project),
		...workerWarnings(project, raw),
		...healthWarnings(project),
		...mountWarnings(project),
		...migrationWarnings(project),
	];
}

function repeatedDomains({ domains }: Project): string[] {
	const all = domains ? [domains.prod, ...domains.custom] : [];
	const repeated = new Set(all.filter((host, index) => all.indexOf(host) !== index));
	return [...repeated].map((host) => `domains: ${quote(host)} is given more than once; used once`);
}

function workerWarnings(project: Project, raw: Record<string, unknown>): string[] {
	if (workloadOf(raw) !== "worker") return [];
	return [
		...(project.rollback === "auto"
			? ['rollback: "auto" never fires for a worker, which has no domain to probe; rollback points are recorded']
			: []),
		...(has(raw, "health") ? ["health: a worker has no port to probe; its health is not judged and the orchestrator gate stays off"] : []),
	];
}

function healthWarnings({ health }: Project): string[] {
	const judgementMs = health.retries * (health.timeoutMs + health.intervalMs);
	if (judgementMs > longJudgementMs)
		return [`health: an endpoint that hangs is judged only after ${Math.round(judgementMs / 1000)} s (retries x (timeoutMs + intervalMs))`];
	const refusedMs = refusedWithinMs(health);
	if (refusedMs <= longJudgementMs) return [];
	return [
		`health.containerIntervalMs: a version that never becomes healthy is refused only after ${Math.round(refusedMs / 1000)} s (the start period, then retries x (containerIntervalMs + timeoutMs))`,
	];
}

function mountWarnings({ mounts, replicas }: Project): string[] {
	if (replicas === 1 || mounts.length === 0) return [];
	return [`replicas: ${replicas} containers share the volumes of mounts; on several nodes each node has a volume of its own`];
}

/** `db/migrate` matches a file of that name, and hardly ever is one. */
function migrationWarnings({ migrations }: Project): string[] {
	const folders = migrations.filter((glob) => !/[*?[{]/.test(glob) && !/\.[^/]*$/.test(glob));
	return folders.map((glob) => `migrations: ${quote(glob)} matches a single file; for all files of a folder write ${quote(`${glob}/`)}`);
}

function has(object: object, key: string): boolean {
	return Object.hasOwn(object, key);
}
