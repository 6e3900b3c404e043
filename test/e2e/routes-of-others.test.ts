import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory } from "../support/app-story.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

interface Plan {
	steps: { action: string; target: string; from?: unknown; to?: unknown }[];
	domains: { add: string[]; blocked: { host: string; code: string; reason: string }[] };
	warnings: string[];
}

describe("A route of somebody else's is never touched", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	/** A service of another stack, made by hand; with a page to serve where `page` says so. */
	async function makeForeign(Name: string, Labels: Record<string, string>, page?: string): Promise<void> {
		const script = `require("http").createServer((request, response) => response.end(${JSON.stringify(page)})).listen(80)`;
		await bed.swarm.docker.createService({
			Name,
			Labels,
			TaskTemplate: {
				ContainerSpec: { Image: "node:24-slim", Command: ["node", "-e", script], StopGracePeriod: 1 },
				Networks: [{ Target: bed.sandbox.env.DEPLOYMILL_NETWORK ?? "deploymill" }],
			},
			Mode: { Replicated: { Replicas: page === undefined ? 0 : 1 } },
			EndpointSpec: { Mode: "dnsrr" },
		});
	}

	/** Labels of a site that Traefik knows by this name, as a person writes them. */
	function site(name: string, host: string): Record<string, string> {
		return {
			"traefik.enable": "true",
			[`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
			[`traefik.http.services.${name}.loadbalancer.server.port`]: "80",
		};
	}

	async function planOf(repo: ProjectRepo, args = {}): Promise<Plan> {
		return (await server.ok("reconcile_project", { repoUrl: repo.repoUrl, ...args })).plan as Plan;
	}

	/** The routers and services that the application's own labels name. */
	async function routeNames(applicationId: string): Promise<string[]> {
		const labels = Object.keys((await bed.swarm.service(applicationId))?.labels ?? {});
		return [...new Set(labels.flatMap((label) => /^traefik\.http\.(?:routers|services)\.([^.]+)\./.exec(label)?.[1] ?? []))];
	}

	it("though a project is called as its router is", async () => {
		const name = bed.named("dashboard");
		const host = `${bed.named("board")}.test`;
		await makeForeign(`${name}_web`, site(name, host), "the dashboard");
		await until(
			() => bed.ingress.get(host),
			({ body }) => body === "the dashboard",
		);
		await using visitors = bed.ingress.visitors(host);
		const app = await AppStory.begin(bed, server, "dashboard");
		expect(app.applicationId).toBe(name);
		const one = await app.release({ version: "one" });
		expect(one).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		await visitors.leave();
		expect(visitors.failures).toEqual([]);
		expect(visitors.seen).toEqual(["the dashboard"]);
		expect(await routeNames(name)).toEqual([expect.stringMatching(new RegExp(`^deploymill-${name}-[0-9a-f]{8}$`))]);
	});

	it("nor though it has the very name that a route of ours would get", async () => {
		const repo = await bed.project("copied", { project: { rollback: false } });
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const [name = ""] = await routeNames(applicationId);
		// Who comes later takes nothing away: not the route, and not the next deploy.
		await makeForeign(bed.named("copied-later"), { ...site(name, `${bed.named("c")}.test`), "traefik.enable": "false" });
		await repo.commit("Two", { behaviour: { version: "two" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		// Who was there first is left alone: without a service of ours the name is the other's.
		await bed.swarm.docker.getService(applicationId).remove();
		const error = await server.refusal("deploy", { applicationId });
		expect(error).toMatchObject({ code: "host_taken", details: { routeName: name, serviceName: bed.named("copied-later") } });
		const { warnings } = await planOf(repo, { dryRun: true });
		expect(warnings.join()).toContain(name);
		const stranger = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("stranger") });
		const { plan } = await stranger.ok("reconcile_project", { repoUrl: repo.repoUrl });
		expect((plan as Plan).domains).toMatchObject({
			add: [],
			blocked: [{ host: repo.host, code: "host_taken", reason: expect.stringContaining(name) }],
		});
	});

	it("what an earlier deploymill called by the id alone is renamed by reconcile, at once and unnoticed", async () => {
		const app = await AppStory.begin(bed, server, "renamed", { project: { rollback: false } });
		const { applicationId, repo } = app;
		await app.release({ version: "one" });
		await nameAsEarlier(applicationId);
		expect(await bed.see(repo)).toBe("one");
		const before = await bed.swarm.containerIds(applicationId);
		await using visitors = bed.ingress.visitors(repo.host);
		const { steps } = await planOf(repo);
		expect(steps).toMatchObject([{ action: "set", target: "ingress labels", from: applicationId }]);
		expect((await planOf(repo)).steps).toEqual([]);
		const renamed = await routeNames(applicationId);
		expect(renamed).toEqual([expect.stringMatching(/^deploymill-/)]);
		expect(await bed.swarm.containerIds(applicationId)).toEqual(before);
		await nameAsEarlier(applicationId);
		expect(await app.release({ version: "two" }, {}, { force: true })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		await visitors.leave();
		expect(visitors.failures).toEqual([]);
		expect(await routeNames(applicationId)).toEqual(renamed);
	});

	/** Gives the service the labels that it had before names held the repository's hash. */
	async function nameAsEarlier(applicationId: string): Promise<void> {
		const service = await bed.swarm.service(applicationId);
		const [name = ""] = await routeNames(applicationId);
		const Labels = JSON.parse(JSON.stringify(service?.labels).replaceAll(name, applicationId)) as Record<string, string>;
		const spec = { ...service?.spec, Labels, version: service?.version, registryAuthFrom: "spec" };
		await bed.swarm.docker.getService(service?.id ?? "").update(spec);
	}

	it("a worker asks Traefik for no route, which it would else make and call by the service's name", async () => {
		const repo = await bed.project("silent", { fixture: "worker", project: { rollback: false } });
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		expect((await bed.swarm.service(applicationId))?.labels["traefik.enable"]).toBe("false");
	});

	it("its host is blocked in every form in which another service may claim it", async () => {
		const host = (form: string) => `${bed.named(form)}.test`;
		const forms: Record<string, Record<string, string>> = {
			plain: { "traefik.http.routers.a.rule": `Host(\`${host("plain")}\`)` },
			matchers: { "traefik.http.routers.b.rule": `PathPrefix(\`/x\`) && (Host(\`c.test\`) || Host(\`${host("matchers")}\`))` },
			values: { "traefik.http.routers.c.rule": `Host(\`c.test\`,\`${host("values")}\`)` },
			case: { "Traefik.Http.Routers.D.Rule": `host("${host("case").toUpperCase()}")` },
			regexp: { "traefik.http.routers.e.rule": `HostRegexp(\`^${bed.prefix}-reg[a-z]+\\.test$\`)` },
			sni: { "traefik.tcp.routers.f.rule": `HostSNI(\`${host("sni")}\`)` },
			caddy: { caddy_0: "c.test", caddy_1: `https://${host("caddy")}:443` },
			wildcard: { caddy: `*.${bed.prefix}.test` },
			unread: { "traefik.http.routers.g.rule": `Host(\`${bed.named("unread")}.$DOMAIN\`)` },
		};
		for (const [form, labels] of Object.entries(forms)) await makeForeign(bed.named(`form-${form}`), labels);
		const wildcard = `any.${bed.prefix}.test`;
		const wanted = [
			...Object.keys(forms)
				.filter((form) => form !== "wildcard")
				.map(host),
			wildcard,
		];
		const repo = await bed.project("forms", { project: { domains: { prod: host("free"), custom: wanted } } });
		const { domains } = await planOf(repo);
		expect(domains.add).toEqual([host("free")]);
		expect(domains.blocked.map((item) => item.host)).toEqual(wanted);
		for (const [form, labels] of Object.entries(forms)) {
			const blocked = domains.blocked.find((item) => item.host === (form === "wildcard" ? wildcard : host(form)));
			const key = JSON.stringify(Object.keys(labels).at(-1));
			const words = form === "unread" ? "cannot be told from its label" : "answers for it";
			expect(blocked).toMatchObject({ code: "host_taken", reason: expect.stringContaining(words) });
			expect(blocked?.reason).toContain(bed.named(`form-${form}`));
			expect(blocked?.reason).toContain(key);
		}
	});

	it("one that answers for every host is warned of, and blocks none", async () => {
		await makeForeign(bed.named("every"), { "traefik.http.routers.every.rule": "PathPrefix(`/every`)" });
		const repo = await bed.project("beside");
		const { domains, warnings } = await planOf(repo);
		expect(domains).toMatchObject({ add: [repo.host], blocked: [] });
		expect(warnings.join()).toContain(`the service ${bed.named("every")} answers for every host name`);
	});
});
