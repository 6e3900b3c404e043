import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("A repository does not reach into the volume of another", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	const gates: Server[] = [];
	afterAll(async () => {
		for (const gate of gates) {
			gate.close();
			gate.closeAllConnections();
		}
		await bed.close();
	});

	const mounting = (volumeName: string) => ({ rollback: false, mounts: [{ volumeName, mountPath: "/data" }] });

	/** A repository that calls its project as `victim` does and mounts the same volume. */
	function thiefOf(victim: ProjectRepo, volumeName: string, label: string): Promise<ProjectRepo> {
		return bed.project(label, { fixture: "worker", project: { ...mounting(volumeName), name: victim.name } });
	}

	async function expectRefused(by: Deploymill, thief: ProjectRepo, volumeName: string): Promise<void> {
		const error = await by.refusal("reconcile_project", { repoUrl: thief.repoUrl });
		expect(error).toMatchObject({ code: "name_taken", details: { volumeName } });
		expect(JSON.stringify(await by.ok("list_applications"))).not.toContain(thief.repoUrl);
	}

	it("while the victim is reconciled and not deployed yet", async () => {
		const volumeName = bed.named("promised");
		const victim = await bed.project("promised", { fixture: "worker", project: mounting(volumeName) });
		expect(await server.reconcile(victim.repoUrl)).toBe(victim.name);
		await expectRefused(server, await thiefOf(victim, volumeName, "promised-thief"), volumeName);
	});

	it("while the victim's service is removed, for this server and for one that never heard of the victim", async () => {
		const volumeName = bed.named("kept");
		const victim = await bed.project("kept", { fixture: "worker", project: mounting(volumeName) });
		const applicationId = await server.reconcile(victim.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		expect((await bed.swarm.docker.getVolume(volumeName).inspect()).Labels).toEqual({
			"deploymill.application": applicationId,
			"deploymill.repository": expect.stringMatching(/^[0-9a-f]{16}$/),
		});
		await removeService(applicationId);
		const thief = await thiefOf(victim, volumeName, "kept-thief");
		await expectRefused(server, thief, volumeName);
		const stranger = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("stranger") });
		await expectRefused(stranger, thief, volumeName);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const [container] = await bed.swarm.containers(applicationId);
		expect(container?.mounts).toEqual({ [volumeName]: "/data" });
	});

	it("nor into one that an earlier deploymill made, which is kept by whoever mounts it", async () => {
		const volumeName = bed.named("earlier");
		const victim = await bed.project("earlier", { fixture: "worker", project: mounting(volumeName) });
		const applicationId = await server.reconcile(victim.repoUrl);
		await bed.swarm.docker.createVolume({ Name: volumeName, Labels: { "deploymill.application": applicationId } });
		const thief = await thiefOf(victim, volumeName, "earlier-thief");
		await expectRefused(server, thief, volumeName);
		const stranger = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("earlier-stranger") });
		await expectRefused(stranger, thief, volumeName);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
	});

	it("nor into one that another service mounts wherever it is, when the deploy comes after it", async () => {
		const volumeName = bed.named("foreign");
		const repo = await bed.project("foreign", { fixture: "worker", project: mounting(volumeName) });
		const applicationId = await server.reconcile(repo.repoUrl);
		// No task of it, so the volume is on no node: only the service's own specification tells of it.
		await bed.swarm.docker.createService({
			Name: bed.named("foreign-database"),
			TaskTemplate: {
				ContainerSpec: { Image: "node:24-slim", Mounts: [{ Type: "volume", Source: volumeName, Target: "/var/lib/data" }] },
			},
			Mode: { Replicated: { Replicas: 0 } },
			EndpointSpec: { Mode: "dnsrr" },
		});
		const error = await server.refusal("deploy", { applicationId });
		expect(error).toMatchObject({ code: "name_taken", details: { volumeName } });
		expect(error.message).toContain(bed.named("foreign-database"));
		expect(await server.history(applicationId)).toEqual([]);
		expect(await bed.swarm.service(applicationId)).toBeUndefined();
		await removeService(bed.named("foreign-database"));
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
	});

	it("nor by a rollback, and the operator can hand a volume over", async () => {
		const volumeName = bed.named("handed");
		const repo = await bed.project("handed", { fixture: "worker" });
		const applicationId = await server.reconcile(repo.repoUrl);
		const one = await server.deployment("deploy", { applicationId });
		await repo.commit("Two", { behaviour: { version: "two" }, project: { mounts: [{ volumeName, mountPath: "/data" }] } });
		const two = await server.deployment("deploy", { applicationId });
		expect([one.outcome, two.outcome]).toEqual(["live", "live"]);
		await server.reconcile(repo.repoUrl);
		await bed.swarm.docker.createVolume({ Name: volumeName });
		const error = await server.refusal("rollback", { applicationId, rollbackId: one.rollbackId });
		expect(error).toMatchObject({ code: "name_taken", details: { volumeName } });
		const [, label] = /docker volume create --label (\S+) /.exec(error.hint) ?? [];
		const [key = "", value = ""] = label?.split("=") ?? [];
		await bed.swarm.docker.getVolume(volumeName).remove();
		await bed.swarm.docker.createVolume({ Name: volumeName, Labels: { [key]: value } });
		expect(await server.deployment("rollback", { applicationId, rollbackId: one.rollbackId })).toMatchObject({ outcome: "live" });
		const [container] = await bed.swarm.containers(applicationId);
		expect(container?.mounts).toEqual({ [volumeName]: "/data" });
	});

	it("nor into one that came while the image was built", async () => {
		const volumeName = bed.named("raced");
		const gate = await openGate();
		const step = `node -e 'fetch("${gate.url}").then(({ ok }) => process.exit(ok ? 0 : 1))' # ${bed.prefix}`;
		const files = { Dockerfile: `FROM node:24-slim\nCOPY worker.js behaviour.json ./\nRUN ${step}\nCMD ["node", "worker.js"]\n` };
		const repo = await bed.project("raced", { fixture: "worker", files, project: mounting(volumeName) });
		const applicationId = await server.reconcile(repo.repoUrl);
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		const build = await gate.arrival;
		await bed.swarm.docker.createVolume({ Name: volumeName });
		build.end("go on");
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({
			status: "error",
			outcome: "failed",
			rolledOver: false,
			error: { code: "name_taken", details: { volumeName } },
		});
		expect(await bed.swarm.service(applicationId)).toBeUndefined();
	});

	/** Holds a build at a step that asks for its URL, until the answer is ended. On the bridge to the sandbox, where builds reach it. */
	async function openGate(): Promise<{ url: string; arrival: Promise<ServerResponse> }> {
		const { promise: arrival, resolve } = Promise.withResolvers<ServerResponse>();
		const gate = createServer((_request, response) => resolve(response));
		gates.push(gate);
		const host = bed.sandbox.registry.replace(/\.\d+:\d+$/, ".1");
		await new Promise<void>((listening) => gate.listen(0, host, listening));
		return { url: `http://${host}:${(gate.address() as AddressInfo).port}`, arrival };
	}

	async function removeService(name: string): Promise<void> {
		await bed.swarm.docker.getService(name).remove();
		await until(
			() => bed.swarm.containers(name),
			(left) => left.length === 0,
			120_000,
		);
	}
});
