// Tells the story of one app in a test: version after version, what was answered, what is live, what Swarm was told.
import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import type { DeploymentAnswer, ListedDeployment } from "./deployment-answer.ts";
import type { Content, Deploymill } from "./deploymill.ts";
import type { Change, Fixture, ProjectRepo } from "./project-repo.ts";
import { ServiceUpdates } from "./service-updates.ts";
import type { ServiceNow } from "./swarm.ts";
import type { TestBed } from "./test-bed.ts";
import { until } from "./until.ts";

/** A deployment's answer, with what the call did to the Swarm. */
export interface Release extends DeploymentAnswer {
	/** Of the tool call. */
	isError: boolean;
	/** What `/` serves when this version does. */
	version: string;
	/** Release that was live before the call, by the service's own label. */
	liveBefore: string | undefined;
	/** Digests that the service was given during the call, in order: one for each swap. Its first image, at its creation, is none. */
	swaps: string[];
}

/** What really runs. */
interface Live {
	page: string;
	/** Releases stamped on the running containers. */
	deployments: (string | undefined)[];
	digests: string[];
	/** Release stamped on the service. */
	service: string | undefined;
}

/** Patient enough for a machine that many tests share: each question from inside a container costs it a process. */
export const judged = { path: "/healthz", retries: 2, intervalMs: 400, timeoutMs: 2000 };

export class AppStory {
	readonly bed: TestBed;
	readonly server: Deploymill;
	readonly repo: ProjectRepo;
	readonly applicationId: string;

	private constructor(bed: TestBed, server: Deploymill, repo: ProjectRepo, applicationId: string) {
		this.bed = bed;
		this.server = server;
		this.repo = repo;
		this.applicationId = applicationId;
	}

	/** An app that is registered and was never deployed. */
	static async begin(bed: TestBed, server: Deploymill, label: string, change: Change & { fixture?: Fixture } = {}): Promise<AppStory> {
		const repo = await bed.project(label, { ...change, project: { health: judged, ...change.project } });
		return new AppStory(bed, server, repo, await server.reconcile(repo.repoUrl));
	}

	/** Commits a version, reconciles it and deploys it. */
	async release(behaviour: Behaviour, { project = {}, files = {} }: Omit<Change, "behaviour"> = {}, args: Content = {}): Promise<Release> {
		await this.repo.commit(`Version ${behaviour.version}`, { behaviour, project, files });
		await this.server.reconcile(this.repo.repoUrl);
		return this.call("deploy", behaviour.version, args);
	}

	/** Puts back a version that ran. */
	rollBack({ rollbackId, version }: Release): Promise<Release> {
		return this.call("rollback", version, { rollbackId });
	}

	async call(tool: "deploy" | "rollback", version: string, args: Content = {}): Promise<Release> {
		const before = await this.bed.swarm.service(this.applicationId);
		await using updates = await ServiceUpdates.watch(this.bed.swarm.docker, this.applicationId);
		const { isError, content } = await this.server.call(tool, { applicationId: this.applicationId, wait: 300, ...args });
		if (!("deploymentId" in content)) throw new Error(`${tool} of ${version} was refused: ${JSON.stringify(content, null, 1)}`);
		const liveBefore = before?.labels["deploymill.deployment"];
		return { ...(content as unknown as DeploymentAnswer), isError, version, liveBefore, swaps: updates.digests };
	}

	/** Changes the service past deploymill, as an operator does. */
	async byHand(change: (spec: ServiceNow["spec"]) => void): Promise<void> {
		const service = await this.bed.swarm.service(this.applicationId);
		if (!service) throw new Error(`${this.applicationId} has no service`);
		change(service.spec);
		await this.bed.swarm.docker.getService(service.id).update({ version: service.version, ...service.spec });
	}

	/** The deployment's line in the history. */
	async listed(deploymentId: string | undefined): Promise<ListedDeployment | undefined> {
		const history = await this.server.history(this.applicationId);
		return history.find((item) => item.deploymentId === deploymentId);
	}

	async live(): Promise<Live> {
		const [page, containers, service] = await Promise.all([
			this.bed.see(this.repo),
			this.bed.swarm.containers(this.applicationId),
			this.bed.swarm.service(this.applicationId),
		]);
		return {
			page,
			deployments: containers.map(({ deploymentId }) => deploymentId),
			digests: containers.map(({ digest }) => digest),
			service: service?.labels["deploymill.deployment"],
		};
	}

	/** This release is what visitors see, what the containers are, and what the service asks for. */
	async expectLive({ version, image }: Release, deploymentId: string | undefined): Promise<void> {
		expect(await this.live()).toEqual({ page: version, deployments: [deploymentId], digests: [image?.digest], service: deploymentId });
	}

	/** `bad` ran, failed its gate, and was replaced by `good`'s image: one revert, told on both sides, and the app is well. */
	async expectReverted(bad: Release, good: Release): Promise<DeploymentAnswer> {
		expect(bad).toMatchObject({
			isError: true,
			status: "error",
			outcome: "rolled_back",
			phase: "finished",
			rolledOver: true,
			current: false,
			health: { verdict: "unhealthy" },
			from: { deploymentId: bad.liveBefore, verdict: expect.any(String) },
			exposedMs: expect.any(Number),
			lastLines: [{ taskId: expect.any(String), output: expect.stringMatching(saysFirst(bad)) }],
			autoRollback: { attempted: true, toLastHealthy: true, recovered: true, rollbackId: good.rollbackId, health: { verdict: "healthy" } },
		});
		expect(bad.swaps).toEqual([bad.image?.digest, good.image?.digest]);
		expect(await this.listed(bad.deploymentId)).toMatchObject({
			because: expect.stringContaining(bad.health?.edges[0]?.error ?? "nothing"),
		});
		return this.#expectRevertInHistory(bad, good, "healthy");
	}

	/** `bad` failed its gate, so does the image it was reverted to, and that one stays. */
	async expectDegraded(bad: Release, good: Release): Promise<DeploymentAnswer> {
		expect(bad).toMatchObject({
			isError: true,
			status: "error",
			outcome: "degraded",
			health: { verdict: "unhealthy" },
			autoRollback: {
				attempted: true,
				toLastHealthy: true,
				recovered: false,
				rollbackId: good.rollbackId,
				health: { verdict: "unhealthy" },
			},
		});
		expect(bad.swaps).toEqual([bad.image?.digest, good.image?.digest]);
		return this.#expectRevertInHistory(bad, good, "unhealthy");
	}

	/** `bad` is what runs, and nothing was undone. */
	async expectBadStays(bad: Release): Promise<void> {
		expect(bad).toMatchObject({
			isError: false,
			status: "done",
			outcome: "live_unhealthy",
			rolledOver: true,
			current: true,
			health: { verdict: "unhealthy" },
			lastLines: [{ output: expect.stringMatching(saysFirst(bad)) }],
		});
		expect(await this.listed(bad.deploymentId)).toMatchObject({ verdict: "unhealthy", current: true });
		expect(bad.swaps).toEqual([bad.image?.digest]);
		await this.expectLive(bad, bad.deploymentId);
	}

	/** Swarm would not have `bad`'s tasks: `before`'s image serves on under the release it had, and no revert was needed. */
	async expectRefusedBySwarm(bad: Release, before: Release): Promise<void> {
		expect(bad).toMatchObject({
			isError: true,
			status: "error",
			outcome: "orchestrator_rolled_back",
			rolledOver: false,
			current: false,
			rollbackable: false,
			orchestrator: { updateState: "rollback_completed" },
		});
		expect(bad).not.toHaveProperty("autoRollback");
		expect(bad).not.toHaveProperty("health");
		expect(bad.swaps).toEqual([bad.image?.digest, before.image?.digest]);
		expect(await this.listed(bad.deploymentId)).toMatchObject({ verdict: null, current: false });
		// Of two tasks of the old release, one may still be on its way out: Swarm had begun to stop it for the new one.
		await until(
			() => this.bed.swarm.containerIds(this.applicationId),
			(ids) => ids.length === 1,
		);
		await this.expectLive(before, bad.liveBefore);
	}

	async #expectRevertInHistory(bad: Release, good: Release, verdict: "healthy" | "unhealthy"): Promise<DeploymentAnswer> {
		const revertId = bad.autoRollback?.deploymentId;
		const history = await this.server.history(this.applicationId);
		const [revert, cause] = history;
		expect(revert).toMatchObject({ deploymentId: revertId, kind: "auto_rollback", status: "done", verdict, current: true });
		expect(revert).toMatchObject({ rollbackId: good.rollbackId, target: { rollbackId: good.rollbackId } });
		expect(cause).toMatchObject({ deploymentId: bad.deploymentId, kind: "deploy", status: "error", verdict: "unhealthy", current: false });
		await this.expectLive(good, revertId);
		const whole = await this.server.deployment("get_deployment", { deploymentId: revertId });
		expect(whole).toMatchObject({ causedBy: bad.deploymentId, rolledOver: true, health: { verdict } });
		return whole;
	}
}

/** The fixture's first line, in a fence. */
function saysFirst({ version }: Release): RegExp {
	return new RegExp(`^<untrusted-\\w+ from="task output">\nversion ${version} starts\n`);
}

/** Health as the ingress sees it; the container's own check finds the app well. */
export function atTheEdges(...answers: NonNullable<Behaviour["health"]>[string]): Pick<Behaviour, "health"> {
	return { health: { default: answers, "127.0.0.1": [200] } };
}
