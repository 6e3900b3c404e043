// Fills a data folder's database with the history of years: applications with as many deployments as are asked for.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { ApplicationConfig } from "../../src/model/application.ts";

const config: ApplicationConfig = {
	name: "hello",
	workload: "web",
	port: 3000,
	domains: ["hello.example.com"],
	rollback: { enabled: true, auto: true },
	health: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
	healthDeclared: true,
	mounts: [],
	resources: {},
	replicas: 1,
	build: { dockerfile: "Dockerfile", context: ".", args: {} },
	migrations: [],
};

/** What is kept by default (DEPLOYMILL_KEEP_ROLLBACKS). */
const kept = 10;

/** @returns the ids of the newest deployment, which is done and healthy, and of the application */
export function recordHistory(dataFolder: string, name: string, deployments: number): { newest: string; applicationId: string } {
	const file = join(dataFolder, "deploymill.db");
	const store = openStore(file, join(dataFolder, "key"), () => undefined, systemClock);
	const { applicationId } = store.registerApplication(`https://git.example.com/${name}.git`, [name], { ...config, name }, "0".repeat(40));
	store.close();
	const database = new DatabaseSync(file);
	const addDeployment = database.prepare(
		`INSERT INTO deployments (deployment_id, application_id, kind, status, phase, outcome, verdict, request, requested_by, started_at,
		finished_at, phases, phase_started_at, facts) VALUES (?, ?, 'deploy', 'done', 'finished', 'live', ?, '{}', 'bench', ?, ?, ?, ?, ?)`,
	);
	const addPoint = database.prepare(
		`INSERT INTO rollback_points (rollback_id, application_id, deployment_id, reference, digest, created_at, unusable_because)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
	);
	database.exec("BEGIN");
	const began = Date.now() - deployments * 60_000;
	let newest = "";
	for (let number = 1; number <= deployments; number++) {
		const at = new Date(began + number * 60_000).toISOString();
		const digest = `sha256:${number.toString(16).padStart(64, "0")}`;
		const reference = `registry.example.com/${name}@${digest}`;
		const rollbackId = `rb-${name}-${number}`;
		newest = `dep-${name}-${number}`;
		addDeployment.run(
			newest,
			applicationId,
			number % 7 === 0 ? "unhealthy" : "healthy",
			at,
			at,
			phasesJson,
			at,
			factsOf(number, { digest, reference }, rollbackId),
		);
		addPoint.run(rollbackId, applicationId, newest, reference, digest, at, number > deployments - kept ? null : "retention gave it up");
	}
	database.exec("COMMIT");
	database.close();
	return { newest, applicationId };
}

const phasesJson = JSON.stringify(
	["queued", "checkout", "build", "push", "release", "health"].map((phase, index) => ({ phase, durationMs: 100 * index })),
);

export function fingerprintOf(number: number): string {
	return number.toString(16).padStart(32, "0");
}

function factsOf(number: number, image: { digest: string; reference: string }, rollbackId: string): string {
	const sha = number.toString(16).padStart(40, "0");
	const url = "https://hello.example.com/healthz";
	return JSON.stringify({
		ref: "main",
		commit: { sha, message: `Change number ${number}, with a message as long as messages are`, author: "Ada <ada@example.com>" },
		image,
		rollbackId,
		rolledOver: true,
		putOrder: number,
		health: {
			verdict: "healthy",
			edges: [{ url, path: "/healthz", verdict: "healthy", mode: "strict", status: 200, attempts: 3, latencyMs: 12 }],
		},
		migrationFiles: [],
		fingerprint: fingerprintOf(number),
	});
}
