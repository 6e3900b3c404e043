import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

interface Answer {
	applicationId: string;
	plan: { steps: { target: string }[]; domains: { add: string[]; blocked: { host: string; code: string; reason: string }[] } };
}

describe("Servers that reconcile at once", () => {
	let bed: TestBed;
	let servers: Deploymill[];
	beforeAll(async () => {
		bed = await TestBed.open();
		servers = await Promise.all([bed.server(), bed.server(), bed.server()]);
	});
	afterAll(() => bed.close());

	/** Each server is asked with arguments of its own, all at the same time. */
	async function atOnce(argumentsOf: (index: number) => Record<string, unknown>): Promise<Answer[]> {
		const answers = await Promise.all(servers.map((server, index) => server.ok("reconcile_project", argumentsOf(index))));
		return answers as unknown as Answer[];
	}

	async function recordedDomains(): Promise<Record<string, string[]>> {
		const { applications } = await servers[0]!.ok("list_applications");
		const all = applications as { applicationId: string; domains: string[] }[];
		return Object.fromEntries(all.map(({ applicationId, domains }) => [applicationId, domains]));
	}

	it("with different hosts for one running app keep all of them, on record and on the service", async () => {
		const repo = await bed.project("grows", { project: { rollback: false } });
		const applicationId = await servers[0]!.reconcile(repo.repoUrl);
		await servers[0]!.deployment("deploy", { applicationId });
		const containers = await bed.swarm.containerIds(applicationId);
		const hosts: string[] = [];
		for (let round = 0; round < 3; round++) {
			const added = servers.map((_, index) => `${bed.named(`grows-${round}-${index}`)}.test`);
			for (const host of added) await repo.commit(host, { project: { domains: { prod: repo.host, custom: [host] } } });
			const refs = repo.shas.slice(-added.length);
			const answers = await atOnce((index) => ({ applicationId, ref: refs[index] }));
			expect(answers.map(({ plan }) => plan.domains.add)).toEqual(added.map((host) => [host]));
			hosts.push(...added);
		}
		expect((await recordedDomains())[applicationId]?.toSorted()).toEqual([repo.host, ...hosts].toSorted());
		const labels = (await bed.swarm.service(applicationId))?.labels ?? {};
		expect(labels["deploymill.hosts"]?.split(" ").toSorted()).toEqual([repo.host, ...hosts].toSorted());
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		expect((await atOnce(() => ({ applicationId }))).map(({ plan }) => plan.steps)).toEqual([[], [], []]);
	});

	it("for applications that claim one host: one gets it, the others are told who has it", async () => {
		const contested = `${bed.named("contested")}.test`;
		const repos = await Promise.all(
			servers.map((_, index) => {
				const prod = `${bed.named(`claims-${index}`)}.test`;
				return bed.project(`claims-${index}`, { project: { domains: { prod, custom: [contested] } } });
			}),
		);
		const answers = await atOnce((index) => ({ repoUrl: repos[index]!.repoUrl }));
		const domains = await recordedDomains();
		const [holder, ...more] = repos.map(({ name }) => name).filter((name) => domains[name]?.includes(contested));
		expect(more).toEqual([]);
		for (const { applicationId, plan } of answers) {
			const blocked = [{ host: contested, code: "host_taken", reason: `the application ${holder} answers for it` }];
			expect(plan.domains.blocked).toEqual(applicationId === holder ? [] : blocked);
			expect(plan.domains.add.includes(contested)).toBe(applicationId === holder);
		}
	});
});
