import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";

describe("An app is deployed twice, rolled back and rolled forward", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let one: DeploymentAnswer;
	let two: DeploymentAnswer;
	const secret = "p{{.Node.Hostname}}w{{ {{`x`}} $HOME 100% =";

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("hello");
		applicationId = await server.reconcile(repo.repoUrl);
	});
	afterAll(() => bed.close());

	const image = (digest: string | undefined) => `${bed.sandbox.env.DEPLOYMILL_REGISTRY}/${applicationId}@${digest}`;

	/** What was answered is what runs, by the engine's own record. */
	async function expectLive({ deploymentId, image: recorded }: DeploymentAnswer): Promise<void> {
		const service = await bed.swarm.service(applicationId);
		expect(service).toMatchObject({ image: image(recorded?.digest), labels: { "deploymill.deployment": deploymentId } });
		const containers = await bed.swarm.containers(applicationId);
		expect(containers).toMatchObject([{ digest: recorded?.digest, deploymentId }]);
	}

	it("serves the first version, by digest, with a rollback point", async () => {
		await server.ok("set_env_vars", { applicationId, set: { GREETING: "hello", PASSPHRASE: secret } });
		one = await server.deployment("deploy", { applicationId, reason: "the first one" });
		expect(one).toMatchObject({
			applicationId,
			kind: "deploy",
			status: "done",
			phase: "finished",
			outcome: "live",
			rolledOver: true,
			current: true,
			rollbackable: true,
			reason: "the first one",
			commit: { sha: repo.sha, message: "First version" },
			image: { reference: image(one.image?.digest) },
			health: { verdict: "healthy", edges: [{ url: `http://${repo.host}`, verdict: "healthy", mode: "strict", status: 200 }] },
		});
		expect(one.requestedBy).toMatch(/^e2e 1\.0\.0 \(/);
		expect(one.phases.map(({ phase }) => phase)).toEqual(["queued", "checkout", "build", "push", "release", "health"]);
		expect(await bed.see(repo)).toBe("one");
		await expectLive(one);
	});

	it("gives the app its variables as they were set, and no tool tells a value", async () => {
		expect(await bed.see(repo, "/env/PASSPHRASE")).toBe(secret);
		const names = await server.ok("list_env_vars", { applicationId });
		expect(names).toEqual({ applicationId, names: ["GREETING", "PASSPHRASE"], count: 2 });
	});

	it("serves the second version without a visitor noticing, under the configuration of today", async () => {
		await server.ok("set_env_vars", { applicationId, set: { GREETING: "good day" } });
		expect(await bed.see(repo, "/env/GREETING")).toBe("hello");
		await repo.commit("Second version", { behaviour: { version: "two" } });
		await using visitors = bed.ingress.visitors(repo.host);
		two = await server.deployment("deploy", { applicationId });
		await visitors.leave();
		expect(two).toMatchObject({ outcome: "live", rolledOver: true, commit: { sha: repo.sha } });
		expect(two.rollbackId).not.toBe(one.rollbackId);
		expect(two.image?.digest).not.toBe(one.image?.digest);
		expect(visitors.seen).toEqual(["one", "two"]);
		expect(visitors.failures).toEqual([]);
		expect(await bed.see(repo, "/env/GREETING")).toBe("good day");
		await expectLive(two);
	});

	it("previews a rollback and changes nothing", async () => {
		const before = await bed.swarm.service(applicationId);
		const preview = await server.ok("rollback", { applicationId, dryRun: true });
		expect(preview).toMatchObject({
			dryRun: true,
			from: { deploymentId: two.deploymentId },
			to: { deploymentId: one.deploymentId, rollbackId: one.rollbackId },
			commits: [{ sha: two.commit?.sha, message: expect.stringContaining("Second version") }],
			migrations: { files: [], known: true },
			changedSince: { env: ["GREETING"], config: [] },
			pullable: true,
			next: [{ tool: "rollback", args: { applicationId, rollbackId: one.rollbackId, expectedCurrent: two.deploymentId } }],
		});
		expect(preview).not.toHaveProperty("wouldBeRefused");
		expect(preview.warnings).toEqual([
			expect.stringMatching(/^env vars changed since it was live: GREETING \(changed by .*, live with dep\S+\); a rollback keeps today's$/),
			expect.stringMatching(/^the target's app reads GREETING too: if that is what went wrong, set_env_vars cures it/),
			expect.stringMatching(/^the next deploy of main brings [0-9a-f]{7} back, unless /),
		]);
		expect((await bed.swarm.service(applicationId))?.version).toBe(before?.version);
	});

	it("rolls back to the first image, and leaves env and mounts as they are today", async () => {
		await repo.commit("Keep data", { project: { mounts: [{ volumeName: bed.named("data"), mountPath: "/data" }] } });
		await server.reconcile(repo.repoUrl);
		await server.ok("set_env_vars", { applicationId, set: { GREETING: "good evening" } });
		const back = await server.deployment("rollback", { applicationId, rollbackId: one.rollbackId });
		expect(back).toMatchObject({
			kind: "rollback",
			status: "done",
			outcome: "live",
			rolledOver: true,
			image: { digest: one.image?.digest },
			target: { deploymentId: one.deploymentId, rollbackId: one.rollbackId },
			health: { verdict: "healthy" },
		});
		expect(back.phases.map(({ phase }) => phase)).not.toContain("build");
		expect(await bed.see(repo)).toBe("one");
		expect(await bed.see(repo, "/env/GREETING")).toBe("good evening");
		expect(await bed.see(repo, "/history")).toBe("one\n");
		const [container] = await bed.swarm.containers(applicationId);
		expect(container?.mounts).toEqual({ [bed.named("data")]: "/data" });
		await expectLive(back);
	});

	it("previews the way forward again: the same commits, and who took them back", async () => {
		const preview = await server.ok("rollback", { applicationId, rollbackId: two.rollbackId, dryRun: true });
		expect(preview).toMatchObject({ to: { deploymentId: two.deploymentId }, commits: [{ sha: two.commit?.sha }] });
		expect(preview.warnings).toContainEqual(
			expect.stringMatching(/^the target was taken back by e2e 1\.0\.0 \(\S+\) at \S+Z, by dep-\S+$/),
		);
	});

	it("rolls forward to the image just left, on the same data", async () => {
		const forward = await server.deployment("rollback", { applicationId, rollbackId: two.rollbackId });
		expect(forward).toMatchObject({ outcome: "live", image: { digest: two.image?.digest }, target: { deploymentId: two.deploymentId } });
		expect(await bed.see(repo)).toBe("two");
		expect(await bed.see(repo, "/env/GREETING")).toBe("good evening");
		expect(await bed.see(repo, "/history")).toBe("one\ntwo\n");
		await expectLive(forward);
		expect(await bed.swarm.registryHas(image(one.image?.digest))).toBe(true);
		expect(await bed.swarm.registryHas(image(two.image?.digest))).toBe(true);
	});

	it("goes back to the last healthy one when no rollbackId is given", async () => {
		const back = await server.deployment("rollback", { applicationId });
		expect(back.target).toMatchObject({ deploymentId: one.deploymentId, rollbackId: one.rollbackId });
		expect(await bed.see(repo)).toBe("one");
	});

	it("tells the whole story in the history, newest first, and what is live", async () => {
		const history = await server.history(applicationId);
		expect(history.map(({ kind, outcome, verdict, current }) => [kind, outcome, verdict, current])).toEqual([
			["rollback", "live", "healthy", true],
			["rollback", "live", "healthy", false],
			["rollback", "live", "healthy", false],
			["deploy", "live", "healthy", false],
			["deploy", "live", "healthy", false],
		]);
		const [live] = history;
		const { applications } = await server.ok("list_applications");
		expect(applications).toMatchObject([
			{
				applicationId,
				repoUrl: repo.repoUrl,
				workload: "web",
				domains: [repo.host],
				rollback: { enabled: true, auto: false },
				current: { deploymentId: live?.deploymentId, digest: one.image?.digest, verdict: "healthy" },
			},
		]);
		expect(await server.ok("get_app_health", { applicationId })).toMatchObject({
			verdict: "healthy",
			matches: true,
			tasks: { desired: 1, running: 1, items: [{ state: "running", digest: one.image?.digest, restarts: 0 }] },
			running: { deploymentId: live?.deploymentId },
			expected: { deploymentId: live?.deploymentId },
		});
	});

	it("never showed a secret, in no answer and no log", async () => {
		const everything = JSON.stringify(await server.history(applicationId)) + server.stderr;
		expect(everything).not.toContain(secret);
		expect(everything).not.toContain(bed.sandbox.registryPassword);
	});
});
