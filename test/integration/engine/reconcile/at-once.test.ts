import { expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { ReconcileBench } from "../../../support/reconcile-bench.ts";
import { DataFolder, inProcesses } from "../../sqlite/data-folder.ts";

const bench = new URL("../../../support/reconcile-bench.ts", import.meta.url).href;
const shared = "https://git.example.com/shared.git";

/** What each of the processes begins with: a bench on the store that all of them have. */
const begin = `const { ReconcileBench } = await import(${JSON.stringify(bench)});
	const bench = new ReconcileBench(store, systemClock);`;

interface Told {
	applicationId: string;
	blocked: { host: string; reason: string }[];
}

test("processes that add a host each to one application lose none, and each was told what it did", async () => {
	using folder = new DataFolder();
	const store = folder.open();
	const first = new ReconcileBench(store, systemClock);
	first.write(shared, ["first.test"]);
	await first.reconcile(shared);
	const told = await inProcesses(
		folder,
		6,
		`${begin}
		bench.write(${JSON.stringify(shared)}, ["first.test", "h" + who + ".test"]);
		const { plan } = await bench.reconcile(${JSON.stringify(shared)});
		answer(plan.domains.add);`,
	);
	expect(told).toEqual(Array.from({ length: 6 }, (_, who) => [`h${who}.test`]));
	const { domains } = first.recorded("hello").config;
	expect(domains.toSorted()).toEqual(["first.test", ...Array.from({ length: 6 }, (_, who) => `h${who}.test`)]);
	expect(store.lockHolder("hello")).toBeUndefined();
});

test("of applications that are registered with one host at once, one gets it, and the others are told who", async () => {
	using folder = new DataFolder();
	const told = (await inProcesses(
		folder,
		6,
		`${begin}
		const repoUrl = "https://git.example.com/" + who + ".git";
		bench.write(repoUrl, ["own" + who + ".test", "contested.test"]);
		const { applicationId, plan } = await bench.reconcile(repoUrl);
		answer({ applicationId, blocked: plan.domains.blocked });`,
	)) as Told[];
	const applications = folder.open().listApplications();
	const [holder, ...more] = applications.filter(({ config }) => config.domains.includes("contested.test"));
	expect(more).toEqual([]);
	expect(new Set(told.map(({ applicationId }) => applicationId)).size).toBe(6);
	const reason = `the application ${holder?.applicationId} answers for it`;
	for (const { applicationId, blocked } of told) {
		expect(blocked).toEqual(applicationId === holder?.applicationId ? [] : [{ host: "contested.test", code: "host_taken", reason }]);
	}
});

test("of applications that are known and claim one host at once, one gets it, too", async () => {
	using folder = new DataFolder();
	const store = folder.open();
	const first = new ReconcileBench(store, systemClock);
	for (let who = 0; who < 6; who++) {
		first.write(`https://git.example.com/${who}.git`, [`own${who}.test`]);
		await first.reconcile(`https://git.example.com/${who}.git`);
	}
	const told = (await inProcesses(
		folder,
		6,
		`${begin}
		const repoUrl = "https://git.example.com/" + who + ".git";
		bench.write(repoUrl, ["own" + who + ".test", "contested.test"]);
		const { applicationId, plan } = await bench.reconcile(repoUrl);
		answer({ applicationId, blocked: plan.domains.blocked });`,
	)) as Told[];
	expect(told.filter(({ blocked }) => blocked.length === 0)).toHaveLength(1);
	expect(store.listApplications().filter(({ config }) => config.domains.includes("contested.test"))).toHaveLength(1);
});

test("processes that register one repository at once get one application, with what each of them asked for", async () => {
	using folder = new DataFolder();
	const told = await inProcesses(
		folder,
		6,
		`${begin}
		bench.write(${JSON.stringify(shared)}, ["h" + who + ".test"]);
		answer((await bench.reconcile(${JSON.stringify(shared)})).applicationId);`,
	);
	expect(new Set(told)).toEqual(new Set(["hello"]));
	const applications = folder.open().listApplications();
	expect(applications).toHaveLength(1);
	expect(applications[0]?.config.domains.toSorted()).toEqual(Array.from({ length: 6 }, (_, who) => `h${who}.test`));
});

test("a volume that two applications ask for at once is one's", async () => {
	using folder = new DataFolder();
	const told = await inProcesses(
		folder,
		4,
		`${begin}
		const repoUrl = "https://git.example.com/" + who + ".git";
		bench.write(repoUrl, ["own" + who + ".test"], { mounts: [{ volumeName: "contested", mountPath: "/data" }] });
		answer(await bench.reconcile(repoUrl).then(() => "applied", ({ code }) => code));`,
	);
	expect(told.toSorted()).toEqual(["applied", "name_taken", "name_taken", "name_taken"]);
	expect(folder.open().listApplications()).toHaveLength(1);
});

test("what a process left half done that was killed between the record and the labels is a step for the next, and is mended", async () => {
	using folder = new DataFolder();
	const store = folder.open();
	const first = new ReconcileBench(store, systemClock);
	first.write(shared, ["a.test"]);
	await first.reconcile(shared);
	await first.putLive(first.recorded("hello"));
	const killed = inProcesses(
		folder,
		1,
		`${begin}
		await bench.makeService(bench.recorded("hello"));
		bench.write(${JSON.stringify(shared)}, ["a.test", "b.test"]);
		bench.ports.swarm.updateService = () => process.kill(process.pid, "SIGKILL");
		await bench.reconcile(${JSON.stringify(shared)});`,
	);
	await expect(killed).rejects.toThrow("a process ended with null");
	expect(first.recorded("hello").config.domains).toEqual(["a.test", "b.test"]);
	expect(store.lockHolder("hello")?.deploymentId).toMatch(/^reconcile-/);
	first.write(shared, ["a.test", "b.test"]);
	// It waits for the lease of the process that is gone.
	const { plan } = await first.reconcile(shared);
	expect(plan.steps).toMatchObject([{ action: "set", target: "ingress labels", from: '"a.test"', to: "a.test b.test" }]);
	expect((await first.labels("hello"))["deploymill.hosts"]).toBe("a.test b.test");
	expect((await first.reconcile(shared)).plan.steps).toEqual([]);
});
