import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill, ProgressNote } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("A call waits for a deployment as long as it was told to", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("comes back after a second with what to call next, and tells of progress while it waits", async () => {
		const repo = await bed.project("patient", { files: { Dockerfile: dockerfileWith(`sleep 4; : ${bed.prefix}`) } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const running = await server.deployment("deploy", { applicationId, wait: 1 });
		const { deploymentId } = running;
		expect(running).toMatchObject({ status: "running", next: [{ tool: "get_deployment", args: { deploymentId } }] });
		expect(running).not.toHaveProperty("outcome");
		const [row] = await server.history(applicationId);
		expect(row).toMatchObject({ status: "running", next: [{ tool: "get_deployment", args: { deploymentId } }] });
		const notes: ProgressNote[] = [];
		const ended = await server.deployment("get_deployment", { deploymentId }, { onProgress: (note) => notes.push(note) });
		expect(ended).toMatchObject({ deploymentId, outcome: "live" });
		expectProgress(notes, ["build", "push", "release", "health", "finished"]);
		expect(notes.some(({ message }) => message?.includes("sleep 4"))).toBe(true);
	});

	it("sends progress of a deploy that is waited for in one call, and none where nobody asked", async () => {
		const repo = await bed.project("watched", { files: { Dockerfile: dockerfileWith(`sleep 1; : ${bed.prefix}`) } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const notes: ProgressNote[] = [];
		const ended = await server.deployment("deploy", { applicationId }, { onProgress: (note) => notes.push(note) });
		expect(ended.outcome).toBe("live");
		expectProgress(notes, ["build", "push", "release", "health", "finished"]);
		const count = notes.length;
		await server.deployment("get_deployment", { deploymentId: ended.deploymentId });
		expect(notes).toHaveLength(count);
	});

	/** In the order of the pipeline, each with the time, and growing as MCP asks. */
	function expectProgress(notes: ProgressNote[], phases: string[]): void {
		const heard = notes.map(({ message }) => message?.split(/[: ]/, 1)[0] ?? "");
		expect([...new Set(heard)].filter((phase) => phases.includes(phase))).toEqual(phases);
		const numbers = notes.map(({ progress }) => progress);
		expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
		for (const { message } of notes) expect(message).toMatch(/ \(\d+\.\d s\)$/);
	}

	it("ends the wait and not the deployment when the client cancels its call", async () => {
		const repo = await bed.project("hurried", { files: { Dockerfile: dockerfileWith(`sleep 2; : ${bed.prefix}`) } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const hurry = new AbortController();
		const call = server.deployment("deploy", { applicationId }, { onProgress: () => hurry.abort(), signal: hurry.signal });
		await expect(call).rejects.toThrow();
		const [deployment] = await server.history(applicationId);
		expect(deployment).toMatchObject({ status: "running" });
		const ended = await server.deployment("get_deployment", { deploymentId: deployment?.deploymentId });
		expect(ended).toMatchObject({ status: "done", outcome: "live" });
	});

	describe("cancelling", () => {
		const mark = () => `echo ${bed.named("endless")}`;

		it("stops a build, on the engine too, and the old version serves", async () => {
			const repo = await bed.project("cancelled");
			const applicationId = await server.reconcile(repo.repoUrl);
			const good = await server.deployment("deploy", { applicationId });
			await repo.commit("Endless", { files: { Dockerfile: dockerfileWith(`sleep 3600; ${mark()}`) } });
			const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
			await until(buildSteps, (steps) => steps.length > 0, 120_000);
			const cancelled = await server.deployment("cancel_deployment", { deploymentId, reason: "wrong branch" });
			expect(cancelled).toMatchObject({ status: "cancelled", outcome: "cancelled", rolledOver: false, rollbackId: null });
			await until(buildSteps, (steps) => steps.length === 0);
			expect(await bed.see(repo)).toBe("one");
			expect(await bed.swarm.releases(applicationId)).toEqual([good.deploymentId]);
			await repo.commit("Finite", { behaviour: { version: "two" }, files: { Dockerfile: dockerfileWith("true") } });
			expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		});

		it("is refused once the swap has begun, when it is over, and for what is unknown", async () => {
			const repo = await bed.project("swapped", { behaviour: { version: "one", health: { default: [500], "127.0.0.1": [200] } } });
			await repo.commit("Slow gate", { project: { health: { path: "/healthz", retries: 3, intervalMs: 2000 } } });
			const swapped = await server.reconcile(repo.repoUrl);
			const { deploymentId } = await server.deployment("deploy", { applicationId: swapped, wait: 0 });
			await until(
				() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
				({ phase }) => phase === "health",
				120_000,
			);
			expect(await server.refusal("cancel_deployment", { deploymentId })).toMatchObject({ code: "not_cancellable" });
			const ended = await server.deployment("get_deployment", { deploymentId });
			expect(ended).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy" } });
			expect(await server.refusal("cancel_deployment", { deploymentId })).toMatchObject({
				code: "not_cancellable",
				details: { status: "done", phase: "finished" },
			});
			expect(await server.refusal("cancel_deployment", { deploymentId: "dep-nothing" })).toMatchObject({ code: "deployment_not_found" });
		});

		/** The sandbox's engine runs on this machine, so the commands of its builds are processes here. */
		async function buildSteps(): Promise<string[]> {
			const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
			const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
			return commands.filter((command) => command.includes(mark()));
		}
	});
});
