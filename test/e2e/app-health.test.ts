import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import type { Content } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("get_app_health", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let two: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "health", { project: { rollback: true, replicas: 2 } });
	});
	afterAll(() => bed.close());

	const health = () => app.server.ok("get_app_health", { applicationId: app.applicationId });

	async function healthWhen(isSo: (seen: Content) => boolean): Promise<Content> {
		return until(health, isSo, 60_000);
	}

	it("of an app that was never deployed, sends one to deploy it", async () => {
		const never = await health();
		expect(never).toMatchObject({ verdict: "unhealthy", tasks: { desired: 0, running: 0, items: [] }, matches: false });
		expect(never).not.toHaveProperty("running");
		expect(never).not.toHaveProperty("expected");
		expect(never.next).toMatchObject([{ tool: "deploy", args: { applicationId: app.applicationId } }]);
	});

	it("shows edges and every task, and that what runs is what was put there", async () => {
		one = await app.release({ version: "one" });
		expect(one).toMatchObject({ outcome: "live" });
		const task = {
			state: "running",
			digest: one.image?.digest,
			restarts: 0,
			health: "healthy",
			taskId: expect.any(String),
			deploymentId: one.deploymentId,
			node: expect.any(String),
			since: expect.any(String),
		};
		const well = await health();
		expect(well).toEqual({
			applicationId: app.applicationId,
			verdict: "healthy",
			edges: [
				expect.objectContaining({
					url: `http://${app.repo.host}`,
					path: "/healthz",
					verdict: "healthy",
					mode: "strict",
					status: 200,
					attempts: 2,
				}),
			],
			tasks: { desired: 2, running: 2, items: [task, task] },
			running: { deploymentId: one.deploymentId, digest: one.image?.digest },
			expected: { deploymentId: one.deploymentId, digest: one.image?.digest },
			matches: true,
		});
	});

	it("tells of an app that went bad after its gate, and reverts nothing", async () => {
		two = await app.release({ version: "two", ...atTheEdges(...Array.from({ length: 12 }, () => 200), 500) });
		expect(two).toMatchObject({ outcome: "live" });
		const ill = await healthWhen(({ verdict }) => verdict === "unhealthy");
		expect(ill).toMatchObject({ matches: true, edges: [{ status: 500, error: expect.stringMatching(/^answered 500|answers failed/) }] });
		expect(ill).toMatchObject({ tasks: { running: 2 } });
		expect((ill.next as Content[]).map(({ tool }) => tool)).toEqual(["get_logs", "rollback"]);
		expect((await app.live()).service).toBe(two.deploymentId);
	});

	it("shows a task that crashed and was started anew, with its exit code", async () => {
		const [victim] = await bed.swarm.containers(app.applicationId);
		await bed.swarm.docker.getContainer(victim?.containerId ?? "").kill();
		const mending = await healthWhen(({ tasks }) =>
			(tasks as { items: { restarts: number }[] }).items.some(({ restarts }) => restarts === 1),
		);
		expect(mending.tasks).toMatchObject({ desired: 2 });
		await healthWhen(({ tasks }) => (tasks as { running: number }).running === 2);
	});

	it("sees that somebody rolled back by hand", async () => {
		const { docker } = bed.swarm;
		const service = await bed.swarm.service(app.applicationId);
		await docker.getService(service?.id ?? "").update({ ...service?.spec, version: service?.version, rollback: "previous" });
		const changed = await healthWhen(
			({ tasks, running }) => (tasks as { running: number }).running === 2 && (running as Content).deploymentId === one.deploymentId,
		);
		expect(changed).toMatchObject({
			matches: false,
			running: { deploymentId: one.deploymentId, digest: one.image?.digest },
			expected: { deploymentId: two.deploymentId, digest: two.image?.digest },
		});
		expect((changed.next as Content[])[0]).toMatchObject({ tool: "list_deployments" });
	});

	it("sees that somebody put another image there by hand, whatever the labels say", async () => {
		const back = await app.rollBack(one);
		// Where Swarm has put it back in whole by now, there is nothing to swap.
		const put = back.outcome === "unchanged" ? one : back;
		expect(await health()).toMatchObject({ matches: true, expected: { deploymentId: put.deploymentId } });
		await putByHand(two);
		const changed = await until(health, ({ matches }) => matches === false, 60_000);
		expect(changed).toMatchObject({ expected: { digest: one.image?.digest } });
		await until(
			() => bed.swarm.runningDigests(app.applicationId),
			(digests) => digests.length === 1 && digests[0] === two.image?.digest,
		);
		const settled = await healthWhen(({ tasks }) => (tasks as { running: number }).running === 2);
		expect(settled).toMatchObject({ matches: false, running: { digest: two.image?.digest } });
		expect(settled.tasks).toMatchObject({ items: [{ digest: two.image?.digest }, { digest: two.image?.digest }] });
		expect(await app.listed(back.deploymentId)).toMatchObject({ current: false });
	});

	it("a deploy then puts things right, and refuses to go on from what it did not see", async () => {
		const { applicationId } = app;
		const [last] = await app.server.history(applicationId);
		expect(await app.server.refusal("deploy", { applicationId, expectedCurrent: last?.deploymentId })).toMatchObject({
			code: "stale_view",
		});
		const three = await app.release({ version: "three" });
		expect(three).toMatchObject({ outcome: "live" });
		expect(await health()).toMatchObject({ matches: true, tasks: { desired: 2, running: 2 } });
	});

	it("sees that somebody took the service away, though the ingress may still answer", async () => {
		const service = await bed.swarm.service(app.applicationId);
		await bed.swarm.docker.getService(service?.id ?? "").remove();
		const gone = await health();
		expect(gone).toMatchObject({ verdict: "unhealthy", matches: false, tasks: { desired: 0, running: 0 } });
		const again = await app.call("deploy", "three");
		expect(again).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await health()).toMatchObject({ verdict: "healthy", matches: true });
	});

	/** As `docker service update --image` does: the labels stay those of the release before. */
	async function putByHand({ image }: Release): Promise<void> {
		const service = await bed.swarm.service(app.applicationId);
		const spec = service?.spec;
		const container = { ...spec?.TaskTemplate.ContainerSpec, Image: image?.reference };
		await bed.swarm.docker.getService(service?.id ?? "").update({
			...spec,
			TaskTemplate: { ...spec?.TaskTemplate, ContainerSpec: container },
			version: service?.version,
			registryAuthFrom: "spec",
		});
	}
});
