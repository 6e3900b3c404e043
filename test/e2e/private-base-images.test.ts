// Base images from another registry with a password: a build is given the login that docker has there, and our registry's goes nowhere else.
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { SecondRegistry } from "../support/second-registry.ts";
import { TestBed } from "../support/test-bed.ts";

describe("A Dockerfile that begins with a private image of another registry", () => {
	let bed: TestBed;
	let other: SecondRegistry;
	let repo: ProjectRepo;
	let server: Deploymill;

	beforeAll(async () => {
		bed = await TestBed.open();
		other = await SecondRegistry.start(bed.sandbox);
		const { docker } = bed.swarm;
		const base = `${other.address}/${bed.prefix}-base`;
		await docker.getImage("node:24-slim").tag({ repo: base, tag: "1" });
		const auth = { username: other.username, password: other.password, serveraddress: other.address };
		const push = await docker.getImage(`${base}:1`).push({ authconfig: auth });
		await new Promise((resolve, reject) => docker.modem.followProgress(push, (error) => (error ? reject(error) : resolve(undefined))));
		await docker.getImage(`${base}:1`).remove();
		const Dockerfile = `FROM ${base}:1\nWORKDIR /app\nCOPY . ./\nCMD ["node", "worker.js"]\n`;
		repo = await bed.project("based", { fixture: "worker", project: { rollback: false }, files: { Dockerfile } });
		other.seen.clear();
		server = await bed.server(await dockerLogins("none", {}));
	});
	afterAll(async () => {
		await bed.close();
		await other[Symbol.asyncDispose]();
	});

	/** A docker configuration of these logins, and the environment that names it. */
	async function dockerLogins(name: string, auths: object, more: object = {}): Promise<Record<string, string>> {
		const folder = bed.path(`docker-${name}`);
		await mkdir(folder, { recursive: true });
		await writeFile(`${folder}/config.json`, JSON.stringify({ auths, ...more }));
		return { DOCKER_CONFIG: folder };
	}

	const deploy = async (by: Deploymill) => by.deployment("deploy", { applicationId: await by.reconcile(repo.repoUrl), noCache: true });

	it("fails to build where docker is not logged in there, and sends our own registry's login to nobody", async () => {
		const failed = await deploy(server);
		expect(failed).toMatchObject({ outcome: "failed", error: { code: "build_failed" } });
		expect([...other.seen]).toEqual([]);
	});

	it("says in the build's log where a credential helper is broken, and tries without a login", async () => {
		await using broken = await bed.server(await dockerLogins("broken", {}, { credHelpers: { [other.address]: "that-is-not-there" } }));
		const failed = await deploy(broken);
		expect(failed).toMatchObject({ outcome: "failed", error: { code: "build_failed" } });
		const { text } = await broken.ok("get_logs", { applicationId: failed.applicationId, grep: "no login for" });
		expect(text).toMatch(/no login for \S+, tried without one: .*docker-credential-that-is-not-there.* is not in the PATH/);
	});

	it("builds with the login that docker has there, sends that alone, and shows it nowhere", async () => {
		await using able = await bed.server(await dockerLogins("there", other.auths));
		const live = await deploy(able);
		expect(live).toMatchObject({ outcome: "live" });
		expect([...other.seen]).toEqual([other.authorization]);
		const { text } = await able.ok("get_logs", { applicationId: live.applicationId, tail: 2000 });
		for (const said of [JSON.stringify(live), String(text), able.stderr]) expect(said).not.toContain(other.password);
	});
});
