import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { workerOf, workersOf } from "../support/workers.ts";

/** Each waits for a lease to expire, so they do it side by side. */
describe.concurrent("A worker stands still in the middle of a build", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		// Lets a worker's inspector be opened by a signal, on any free port.
		server = await bed.server({ NODE_OPTIONS: "--inspect-port=0" });
	});
	afterAll(() => bed.close());

	/** An app that runs, and a second version of it whose build takes a while. */
	async function buildSecondVersion(
		label: string,
	): Promise<{ repo: ProjectRepo; good: DeploymentAnswer; stuck: DeploymentAnswer; pid: number }> {
		const repo = await bed.project(label);
		const applicationId = await server.reconcile(repo.repoUrl);
		const good = await server.deployment("deploy", { applicationId });
		const Dockerfile = dockerfileWith(`sleep 5; : ${bed.prefix}-${label}`);
		await repo.commit("Second version", { behaviour: { version: "two" }, files: { Dockerfile } });
		const stuck = await server.deployment("deploy", { applicationId, wait: 0 });
		await until(
			() => server.deployment("get_deployment", { deploymentId: stuck.deploymentId, wait: 0 }),
			({ phase }) => phase === "build",
			120_000,
		);
		const { pid } = await workerOf(bed.dataFolder, stuck.deploymentId);
		return { repo, good, stuck, pid };
	}

	function workerLog({ deploymentId }: DeploymentAnswer): Promise<string> {
		return readFile(join(bed.dataFolder, "logs", `${deploymentId}.worker.log`), "utf8");
	}

	async function untilGone({ deploymentId }: DeploymentAnswer): Promise<void> {
		await until(
			() => workersOf(bed.dataFolder),
			(workers) => workers.every((worker) => worker.deploymentId !== deploymentId),
			120_000,
		);
	}

	it("with its loop: it ends by itself when its lease is over, and its deployment is settled", async ({ expect }) => {
		const { repo, good, stuck, pid } = await buildSecondVersion("loop");
		process.kill(pid, "SIGUSR1");
		const log = await until(
			() => workerLog(stuck),
			(text) => text.includes("ws://"),
		);
		await blockLoop(/ws:\/\/\S+/.exec(log)?.[0] ?? "");
		await untilGone(stuck);
		expect(await workerLog(stuck)).toContain("the lease ran out and was not renewed");
		const ended = await server.deployment("get_deployment", { deploymentId: stuck.deploymentId });
		expect(ended).toMatchObject({ status: "error", outcome: "interrupted", rolledOver: false });
		expect(await bed.see(repo)).toBe("one");
		expect(await bed.swarm.releases(repo.name)).toEqual([good.deploymentId]);
	});

	it("as a whole: it does nothing more when it is let go on after another process settled its deployment", async ({ expect }) => {
		const { repo, good, stuck, pid } = await buildSecondVersion("process");
		process.kill(pid, "SIGSTOP");
		const ended = await until(
			() => server.deployment("get_deployment", { deploymentId: stuck.deploymentId, wait: 5 }),
			({ status }) => status !== "running",
			120_000,
		);
		expect(ended).toMatchObject({ status: "error", outcome: "interrupted", rolledOver: false });
		process.kill(pid, "SIGCONT");
		await untilGone(stuck);
		expect(await server.deployment("get_deployment", { deploymentId: stuck.deploymentId })).toMatchObject({ outcome: "interrupted" });
		expect(await bed.see(repo)).toBe("one");
		expect(await bed.swarm.releases(repo.name)).toEqual([good.deploymentId]);
		const next = await server.deployment("deploy", { applicationId: repo.name });
		expect(next).toMatchObject({ status: "done", outcome: "live" });
		expect(await bed.see(repo)).toBe("two");
	});
});

/** Never answers: the loop that would send the answer is the one that stands still. */
async function blockLoop(inspector: string): Promise<void> {
	const socket = new WebSocket(inspector);
	await new Promise((resolve, reject) => {
		socket.onopen = resolve;
		socket.onerror = reject;
	});
	socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "for (;;);" } }));
}
