import { expect, test } from "vitest";
import { openStore } from "../../../../src/adapters/sqlite/store.ts";
import { ServiceChanged, type Swarm } from "../../../../src/engine/ports/swarm.ts";
import { routeName } from "../../../../src/engine/service/spec.ts";
import { DeploymillError } from "../../../../src/errors.ts";
import { repositoryHash } from "../../../../src/model/repository.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { inShort, ReconcileBench } from "../../../support/reconcile-bench.ts";

const repoUrl = "https://git.example.com/hello.git";
const rule = `traefik.http.routers.${routeName({ applicationId: "hello", repository: repositoryHash(repoUrl) })}.rule`;

/** Its store is on the model's clock, so that leases run out when the test says so. */
function bench(): ReconcileBench {
	const clock = new VirtualClock();
	return new ReconcileBench(
		openStore(":memory:", "/nonexistent", () => undefined, clock),
		clock,
	);
}

/** `hello` is registered and live, with the host a.test. */
async function live(): Promise<ReconcileBench> {
	const made = bench();
	made.write(repoUrl, ["a.test"]);
	await made.reconcile(repoUrl);
	await made.putLive(made.recorded("hello"));
	return made;
}

/** The next change of the service is made, or not, and ends as `how` says. */
function once({ ports: { swarm } }: ReconcileBench, how: (update: () => Promise<void>) => Promise<void>): void {
	const update = swarm.updateService.bind(swarm);
	const staged: Swarm["updateService"] = (...args) => {
		swarm.updateService = update;
		return how(() => update(...args));
	};
	swarm.updateService = staged;
}

const away = () => new DeploymillError("docker_unreachable", "Docker is not reachable.");

test("hosts are recorded and routed at once, and a second run has nothing to do", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"]);
	expect(inShort(await made.reconcile(repoUrl))).toEqual(["add domains b.test"]);
	expect(made.recorded("hello").config.domains).toEqual(["a.test", "b.test"]);
	expect((await made.labels("hello"))[rule]).toBe("Host(`a.test`) || Host(`b.test`)");
	const again = await made.reconcile(repoUrl);
	expect(again).toMatchObject({ applied: true, plan: { steps: [] } });
	expect(made.ports.store.lockHolder("hello")).toBeUndefined();
});

test("a dry run changes nothing, though it would have to", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"]);
	const before = [made.recorded("hello"), await made.labels("hello")];
	expect(inShort(await made.reconcile(repoUrl, { dryRun: true }))).toEqual(["add domains b.test"]);
	expect([made.recorded("hello"), await made.labels("hello")]).toEqual(before);
});

test("where the labels cannot be set, the record stays what it was, and the next reconcile does it all", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"], { replicas: 2 });
	const before = made.recorded("hello");
	once(made, async () => {
		made.cluster.state = "away";
		throw away();
	});
	await expect(made.reconcile(repoUrl)).rejects.toMatchObject({ code: "docker_unreachable" });
	expect(made.recorded("hello")).toEqual(before);
	expect(made.ports.store.lockHolder("hello")).toBeUndefined();
	made.cluster.state = "ready";
	expect(inShort(await made.reconcile(repoUrl))).toEqual(["set replicas", "add domains b.test"]);
	expect((await made.labels("hello"))["deploymill.hosts"]).toBe("a.test b.test");
});

test("an answer that is lost is no fault where the labels are there", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"]);
	once(made, async (update) => {
		await update();
		throw away();
	});
	expect(inShort(await made.reconcile(repoUrl))).toEqual(["add domains b.test"]);
	expect(made.recorded("hello").config.domains).toEqual(["a.test", "b.test"]);
	expect((await made.reconcile(repoUrl)).plan.steps).toEqual([]);
});

test("a service that was changed in between is looked at again, and what others put there stays", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"]);
	once(made, async () => {
		const service = await made.ports.swarm.inspectService("hello");
		if (!service) throw new Error("there is no service");
		const Labels = { ...service.spec.Labels, "example.team": "blue" };
		await made.ports.swarm.updateService("hello", service.version, { ...service.spec, Labels }, undefined);
		throw new ServiceChanged("update out of sequence");
	});
	await made.reconcile(repoUrl);
	expect(await made.labels("hello")).toMatchObject({ "deploymill.hosts": "a.test b.test", "example.team": "blue" });
});

test("one that is changed again and again is left, and nothing is applied", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"]);
	made.ports.swarm.updateService = async () => {
		throw new ServiceChanged("update out of sequence");
	};
	await expect(made.reconcile(repoUrl)).rejects.toMatchObject({ code: "deploy_in_progress" });
	expect(made.recorded("hello").config.domains).toEqual(["a.test"]);
});

test("labels that lack a host of what is applied are a step, and are mended", async () => {
	const made = await live();
	await label(made, "");
	const mended = await made.reconcile(repoUrl);
	expect(mended.plan.steps).toMatchObject([{ action: "set", target: "ingress labels", to: "a.test" }]);
	expect((await made.labels("hello"))["deploymill.hosts"]).toBe("a.test");
	expect((await made.reconcile(repoUrl)).plan.steps).toEqual([]);
});

test("a host that others put on the service is taken over, and goes with prune alone", async () => {
	const made = await live();
	await label(made, "a.test b.test");
	const kept = await made.reconcile(repoUrl);
	expect(kept.plan.steps).toMatchObject([{ action: "adopt", target: "domains", to: "b.test" }, { target: "ingress labels" }]);
	expect(kept.plan.warnings).toContainEqual(expect.stringContaining("b.test is no longer in the project file"));
	expect(made.recorded("hello").config.domains).toEqual(["a.test", "b.test"]);
	expect((await made.labels("hello"))[rule]).toBe("Host(`a.test`) || Host(`b.test`)");
	expect((await made.reconcile(repoUrl)).plan.steps).toEqual([]);
	expect(inShort(await made.reconcile(repoUrl, { prune: true }))).toEqual(["remove domains"]);
	expect((await made.labels("hello"))["deploymill.hosts"]).toBe("a.test");
});

/** Another's deploymill, or a hand, changes the label with the hosts. */
async function label({ ports: { swarm } }: ReconcileBench, hosts: string): Promise<void> {
	const service = await swarm.inspectService("hello");
	if (!service) throw new Error("there is no service");
	const Labels = { ...service.spec.Labels, "deploymill.hosts": hosts };
	await swarm.updateService("hello", service.version, { ...service.spec, Labels }, undefined);
}

test("an application is found however its address is spelled", async () => {
	const made = await live();
	for (const spelling of ["https://git.example.com/hello", "git@git.example.com:hello.git"]) {
		const again = await made.reconcile(spelling);
		expect(again).toMatchObject({ applicationId: "hello", plan: { steps: [] } });
		expect(await made.reconcile(spelling, { applicationId: "hello" })).toMatchObject({ applicationId: "hello" });
	}
	await expect(made.reconcile("https://git.example.com/other", { applicationId: "hello" })).rejects.toMatchObject({
		code: "invalid_input",
	});
	expect(made.ports.store.listApplications()).toHaveLength(1);
});

test("a rule that a hand changed is mended too", async () => {
	const made = await live();
	const service = await made.ports.swarm.inspectService("hello");
	if (!service) throw new Error("there is no service");
	const Labels = { ...service.spec.Labels, [rule]: "Host(`c.test`)" };
	await made.ports.swarm.updateService("hello", service.version, { ...service.spec, Labels }, undefined);
	expect(inShort(await made.reconcile(repoUrl))).toEqual(["set ingress labels"]);
	expect((await made.labels("hello"))[rule]).toBe("Host(`a.test`)");
});

test("what another applied while this one waited for it is not lost", async () => {
	const made = await live();
	made.write(repoUrl, ["a.test", "b.test"], {}, "b");
	made.write(repoUrl, ["a.test", "c.test"], {}, "c");
	const clock = made.ports.clock as VirtualClock;
	const [b, c] = await clock.run(Promise.all([made.reconcile(repoUrl, { ref: "b" }), made.reconcile(repoUrl, { ref: "c" })]));
	expect(inShort(b)).toEqual(["add domains b.test"]);
	expect(inShort(c)).toEqual(["add domains c.test"]);
	expect(made.recorded("hello").config.domains.toSorted()).toEqual(["a.test", "b.test", "c.test"]);
	expect((await made.labels("hello"))["deploymill.hosts"]?.split(" ").toSorted()).toEqual(["a.test", "b.test", "c.test"]);
});

test("a running deployment refuses a change, and not a look", async () => {
	const made = await live();
	made.ports.store.beginDeployment(
		{ deploymentId: "dep-1", applicationId: "hello", kind: "deploy", request: {}, requestedBy: "another", facts: {} },
		1,
		60_000,
	);
	expect((await made.reconcile(repoUrl)).plan.steps).toEqual([]);
	made.write(repoUrl, ["a.test", "b.test"]);
	expect(inShort(await made.reconcile(repoUrl, { dryRun: true }))).toEqual(["add domains b.test"]);
	await expect(made.reconcile(repoUrl)).rejects.toMatchObject({ code: "deploy_in_progress", details: { deploymentId: "dep-1" } });
	expect(made.recorded("hello").config.domains).toEqual(["a.test"]);
});

test("a process that stood still past its lease writes nothing over the one that came after it", async () => {
	const made = await live();
	const clock = made.ports.clock as VirtualClock;
	made.write(repoUrl, ["a.test", "b.test"], {}, "b");
	// Not one timer of it goes on: its lease is not renewed, as when the machine sleeps.
	const noTimers = { now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: clock.sleep.bind(clock), every: noTimer };
	const suspended = new ReconcileBench(made.ports.store, noTimers, made.cluster);
	suspended.write(repoUrl, ["a.test", "late.test"]);
	const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
	const { promise: standing, resolve: stand } = Promise.withResolvers<void>();
	const look = suspended.ports.swarm.listServices.bind(suspended.ports.swarm);
	let looks = 0;
	suspended.ports.swarm.listServices = async () => {
		// The look under the lock.
		if (++looks === 2) {
			stand();
			await woken;
		}
		return look();
	};
	const late = suspended.reconcile(repoUrl);
	late.catch(() => undefined);
	await standing;
	const next = await clock.run(made.reconcile(repoUrl, { ref: "b" }));
	expect(inShort(next)).toEqual(["add domains b.test"]);
	// Somebody holds the application when it wakes.
	made.ports.store.acquireLock({ applicationId: "hello", deploymentId: "dep-2", owner: "other" }, "another", 60_000);
	wake();
	await expect(late).rejects.toMatchObject({ code: "deploy_in_progress" });
	expect(made.recorded("hello").config.domains).toEqual(["a.test", "b.test"]);
	expect((await made.labels("hello"))["deploymill.hosts"]).toBe("a.test b.test");
});

function noTimer(): Disposable {
	return { [Symbol.dispose]: () => undefined };
}
