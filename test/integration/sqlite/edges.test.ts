import { expect, test } from "vitest";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { migrations } from "../../../src/adapters/sqlite/migrations.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { LockLost } from "../../../src/engine/ports/store.ts";
import { begin, config, DataFolder, holdOf, register } from "./data-folder.ts";

const [a, b] = ["https://a.test", "https://b.test"];
const path = "/healthz";
/** The version before the table. */
const migrationBefore = 6;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);

function opened(data: DataFolder) {
	const store = data.open();
	register(store);
	return { store, hold: begin(store, "dep-1") };
}

test("what a gate saw is remembered, and in other processes too", () => {
	using data = new DataFolder();
	const { store, hold } = opened(data);
	expect(store.listEdges("hello")).toEqual([]);
	store.recordEdges(hold, "dep-1", [
		{ url: b, path, reached: false },
		{ url: a, path, reached: true, healthyIn: "strict" },
	]);
	expect(data.open().listEdges("hello")).toEqual([
		{ url: a, path, routedAt: time, healthy: { at: time, mode: "strict", deploymentId: "dep-1" } },
		{ url: b, path },
	]);
});

test("what was seen once stays: not reached, not healthy or lenient takes nothing away", () => {
	using data = new DataFolder();
	const { store, hold } = opened(data);
	store.recordEdges(hold, "dep-1", [{ url: a, path, reached: true, healthyIn: "strict" }]);
	const before = store.listEdges("hello");
	store.recordEdges(hold, "dep-2", [{ url: a, path, reached: false }]);
	store.recordEdges(hold, "dep-3", [{ url: a, path, reached: false, healthyIn: "lenient" }]);
	expect(store.listEdges("hello")).toEqual(before);
	store.recordEdges(hold, "dep-4", [{ url: a, path, reached: true, healthyIn: "strict" }]);
	expect(store.listEdges("hello")).toMatchObject([{ healthy: { mode: "strict", deploymentId: "dep-4" } }]);
});

test("lenient becomes strict", () => {
	using data = new DataFolder();
	const { store, hold } = opened(data);
	store.recordEdges(hold, "dep-1", [{ url: a, path, reached: true, healthyIn: "lenient" }]);
	store.recordEdges(hold, "dep-2", [{ url: a, path, reached: true, healthyIn: "strict" }]);
	expect(store.listEdges("hello")).toMatchObject([{ healthy: { mode: "strict", deploymentId: "dep-2" } }]);
});

test("of another path nothing is known but that the edge is reached", () => {
	using data = new DataFolder();
	const { store, hold } = opened(data);
	store.recordEdges(hold, "dep-1", [{ url: a, path, reached: true, healthyIn: "strict" }]);
	store.recordEdges(hold, "dep-2", [{ url: a, path: "/ready", reached: false }]);
	expect(store.listEdges("hello")).toEqual([{ url: a, path: "/ready", routedAt: time }]);
});

test("a host that the application gives up is forgotten", () => {
	using data = new DataFolder();
	const { store, hold } = opened(data);
	store.recordEdges(
		hold,
		"dep-1",
		[a, b].map((url) => ({ url, path, reached: true })),
	);
	store.updateConfig("hello", { ...config, domains: ["b.test"] }, "c1");
	expect(store.listEdges("hello").map(({ url }) => url)).toEqual([b]);
	store.updateConfig("hello", { ...config, domains: [] }, "c2");
	expect(store.listEdges("hello")).toEqual([]);
});

test("only who holds the application writes", () => {
	using data = new DataFolder();
	const { store } = opened(data);
	expect(() => store.recordEdges(holdOf("dep-1", "another"), "dep-1", [{ url: a, path, reached: true }])).toThrow(LockLost);
	expect(store.listEdges("hello")).toEqual([]);
});

test("of deployments from before the table, those that were healthy had reached their edges", () => {
	using data = new DataFolder();
	const old = new Database(data.databaseFile, systemClock, migrations.slice(0, migrationBefore));
	const stored = JSON.stringify({ ...config, domains: ["a.test"], health: { ...config.health, path: "/ready" } });
	old.run(
		"INSERT INTO applications (application_id, repo_url, config, config_commit, created_at) VALUES ('hello', 'https://git.test/hello.git', ?, 'c0ffee', '2026-01-01T00:00:00.000Z')",
		stored,
	);
	const insert = (id: string, finishedAt: string | null, facts: object) =>
		old.run(
			`INSERT INTO deployments (deployment_id, application_id, kind, status, phase, request, requested_by, started_at, finished_at, phases, phase_started_at, facts)
			VALUES (?, 'hello', 'deploy', 'done', 'finished', '{}', 'me', '2026-01-01T00:00:00.000Z', ?, '[]', '2026-01-01T00:00:00.000Z', ?)`,
			id,
			finishedAt,
			JSON.stringify(facts),
		);
	const judged = (url: string, verdict: string) => ({ health: { verdict, edges: [{ url, verdict, mode: "strict" }] } });
	insert("dep-1", "2026-01-01T00:01:00.000Z", judged(a, "healthy"));
	insert("dep-2", "2026-01-02T00:01:00.000Z", judged(a, "healthy"));
	insert("dep-3", "2026-01-03T00:01:00.000Z", judged(a, "unhealthy"));
	insert("dep-4", "2026-01-04T00:01:00.000Z", judged(b, "inconclusive"));
	insert("dep-5", "2026-01-05T00:01:00.000Z", { health: { verdict: null, edges: [] } });
	insert("dep-6", null, {});
	old.close();
	expect(data.open().listEdges("hello")).toEqual([{ url: a, path: "/ready", routedAt: "2026-01-02T00:01:00.000Z" }]);
});
