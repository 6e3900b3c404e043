import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { atTheEdges } from "../support/app-story.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { gitBackend } from "../support/git-server.ts";
import { HeldEdge } from "../support/held-edge.ts";
import { Manager, type Person } from "../support/manager.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

const name = "manager.example.com";
const login = `deploy@${name}`;

/** As packaging/team/README.md says. */
function person(who: string, address: string, variables = `LOGNAME=${who}`): Person {
	return { name: who, address, keyOptions: `restrict,command="${variables} deploymill serve"` };
}
const alice = person("alice", "127.0.0.2");
const carol = person("carol", "127.0.0.3", "LOGNAME=carol DEPLOYMILL_READ_ONLY=true");
const killed = person("kim", "127.0.0.4");
const thrownOut = person("tom", "127.0.0.5");
const hanging = person("hana", "127.0.0.6");
const hurried = person("hugo", "127.0.0.8");
/** Whose key may run anything. */
const bob: Person = { name: "bob", address: "127.0.0.7" };
const everybody = [alice, bob, carol, killed, thrownOut, hanging, hurried];

/** So that sshd misses a machine within seconds, not within a minute. */
const impatient = `Match Address ${hanging.address}\n\tClientAliveInterval 2\n\tClientAliveCountMax 2\n`;

/** A probe that is held back stays open for as long as the test needs. */
const judged = { path: "/healthz", retries: 2, intervalMs: 500, timeoutMs: 60_000 };

interface LiveApp {
	repo: ProjectRepo;
	applicationId: string;
	/** What the second version's page is to say, which no other app's says. */
	second: string;
}

describe.concurrent("A team whose clients start deploymill on the manager by ssh", () => {
	let bed: TestBed;
	let manager: Manager;
	let edge: HeldEdge;
	const gitServer = createServer((request, response) => gitBackend(bed.path("repositories/any"))(request, response));
	/** Of ssh, as the README has them in a client's configuration. */
	let args: string[];

	beforeAll(async () => {
		bed = await TestBed.open();
		edge = await HeldEdge.start(bed.sandbox.edgeAddress);
		await new Promise<void>((resolve) => gitServer.listen(0, "127.0.0.1", resolve));
		const { DOCKER_HOST, DEPLOYMILL_DATA_DIR, ...shared } = bed.sandbox.env;
		manager = await Manager.start({
			folder: bed.path("manager"),
			name,
			dockerSocket: bed.sandbox.dockerHost.replace("unix://", ""),
			settings: { ...shared, DEPLOYMILL_EDGE_ADDRESS: edge.address, DEPLOYMILL_GIT_PROTOCOLS: "http" },
			sshd: impatient,
		});
		for (const someone of everybody) await manager.letIn(someone);
		args = await sshArguments();
	});
	afterAll(async () => {
		await manager?.[Symbol.asyncDispose]();
		await edge?.[Symbol.asyncDispose]();
		gitServer.close();
		await bed.close();
	});

	const client = ({ name: who }: Person, env: Record<string, string> = {}) => manager.connect(who, args, env);

	/** What the history calls someone who uses the tests' MCP client. */
	const requester = ({ name: who, address }: Person) => `e2e 1.0.0 (${who} as deploy@manager from ${address})`;

	/** A new app whose first version is live. */
	async function liveApp(server: Deploymill, label: string, project: Record<string, unknown> = {}): Promise<LiveApp> {
		const repo = await bed.project(label, { project: { health: judged, ...project } });
		const applicationId = await server.reconcile(`http://127.0.0.1:${(gitServer.address() as AddressInfo).port}/${label}`);
		const { outcome } = await server.deployment("deploy", { applicationId });
		if (outcome !== "live") throw new Error(`the first version is ${outcome}`);
		return { repo, applicationId, second: `second version of ${label}` };
	}

	it("shares one lock and one history, and everybody is told who holds and who did what", async ({ expect }) => {
		await using hers = await client(alice);
		await using his = await client(bob);
		const { repo, applicationId, second } = await liveApp(hers, "shared");
		await repo.commit("Second version", { behaviour: { version: second } });
		using gate = edge.hold(second);
		const { deploymentId } = await hers.deployment("deploy", { applicationId, wait: 0 });
		await gate.reached;
		const requestedBy = requester(alice);
		expect(await his.refusal("deploy", { applicationId })).toMatchObject({
			code: "deploy_in_progress",
			message: expect.stringContaining(requestedBy),
			details: { deploymentId, requestedBy },
		});
		gate.release();
		const [herView, hisView] = await Promise.all([hers, his].map((server) => server.deployment("get_deployment", { deploymentId })));
		expect(hisView).toMatchObject({ outcome: "live", requestedBy, current: true, health: { verdict: "healthy" } });
		expect(herView).toEqual(hisView);
		expect(await his.deployment("rollback", { applicationId })).toMatchObject({ outcome: "live" });
		const [herHistory, hisHistory] = await Promise.all([hers, his].map((server) => server.history(applicationId)));
		expect(herHistory).toEqual(hisHistory);
		expect(herHistory?.map((item) => [item.kind, item.requestedBy])).toEqual([
			["rollback", `e2e 1.0.0 (deploy@manager from ${bob.address})`],
			["deploy", requestedBy],
			["deploy", requestedBy],
		]);
		expect(await bed.see(repo)).toBe("one");
	});

	it("keeps its data in the user's home, for the user's eyes alone", async ({ expect }) => {
		await using _server = await client(alice);
		const folder = manager.home(".local/share/deploymill");
		for (const [path, mode] of [
			[folder, 0o700],
			[join(folder, "deploymill.db"), 0o600],
		] as const) {
			const { uid, mode: found } = await stat(path);
			expect([uid, found & 0o777]).toEqual([manager.uid, mode]);
		}
	});

	it("takes settings from the manager and from the key's own command, none from the client", async ({ expect }) => {
		await using changing = await client(alice, { DEPLOYMILL_READ_ONLY: "true", DEPLOYMILL_NONSENSE: "1" });
		await using reading = await client(carol, { DEPLOYMILL_READ_ONLY: "false" });
		expect(await changing.refusal("deploy", { applicationId: "any" })).toMatchObject({ code: "application_not_found" });
		expect(await reading.refusal("deploy", { applicationId: "any" })).toMatchObject({ code: "read_only" });
	});

	it("gives a key with a command of its own that command and no other", async ({ expect }) => {
		const { code, stdout, stderr } = await manager.ssh(carol.name, [login, "cat", ".config/deploymill/env"]);
		expect([code, stdout]).toEqual([0, ""]);
		expect(stderr).toContain("deploymill serves on stdio");
	});

	it("makes one call from a shell, which returns while the deployment goes on", async ({ expect }) => {
		await using server = await client(bob);
		const { repo, applicationId, second } = await liveApp(server, "shell");
		await repo.commit("Second version", { behaviour: { version: second } });
		using gate = edge.hold(second);
		const call = ["LOGNAME=ci", "deploymill", "call", "deploy", `'{"applicationId": "${applicationId}", "wait": 0}'`];
		const { code, stdout } = await manager.ssh(bob.name, [login, ...call]);
		expect(code).toBe(0);
		const { deploymentId } = JSON.parse(stdout);
		await gate.reached;
		expect(await server.deployment("get_deployment", { deploymentId, wait: 0 })).toMatchObject({
			status: "running",
			phase: "health",
			requestedBy: `deploymill call (ci as deploy@manager from ${bob.address})`,
		});
		gate.release();
		expect(await server.deployment("get_deployment", { deploymentId })).toMatchObject({ outcome: "live" });
	});

	it.for([
		{ how: "its ssh is killed", who: killed, goAway: (laptop: Deploymill) => process.kill(laptop.pid, "SIGKILL") },
		{ how: "its session on the manager is killed", who: thrownOut, goAway: killSession },
		{
			how: "it hangs and answers no more",
			who: hanging,
			goAway: (laptop: Deploymill) => process.kill(laptop.pid, "SIGSTOP"),
			comeBack: (laptop: Deploymill) => process.kill(laptop.pid, "SIGCONT"),
		},
	])(
		"when a machine goes away in the gate ($how): its server leaves, the worker goes on, the others see the true end",
		async (gone, { expect }) => {
			const { who, goAway, comeBack } = gone;
			await using laptop = await client(who);
			await using his = await client(bob);
			const { repo, applicationId, second } = await liveApp(his, who.name);
			await repo.commit("Second version", { behaviour: { version: second } });
			using gate = edge.hold(second);
			const cutOff = laptop.call("deploy", { applicationId, requestId: "once", wait: 300 }).catch((error: Error) => error);
			await gate.reached;
			const requestedBy = requester(who);
			const [newest] = await his.history(applicationId);
			expect(newest).toMatchObject({ kind: "deploy", status: "running", requestedBy });
			const { deploymentId } = newest!;
			const worker = await manager.workerOf(deploymentId);
			expect(worker).toBeDefined();

			await goAway(laptop, await serverPid(who));
			await serverLeft(who);
			expect(await his.deployment("get_deployment", { deploymentId, wait: 0 })).toMatchObject({ status: "running", phase: "health" });
			expect(await his.refusal("deploy", { applicationId })).toMatchObject({ code: "deploy_in_progress", details: { deploymentId } });
			expect((await manager.workerOf(deploymentId))?.pid).toBe(worker?.pid);

			gate.release();
			const ended = await his.deployment("get_deployment", { deploymentId });
			expect(ended).toMatchObject({ status: "done", outcome: "live", current: true, health: { verdict: "healthy" }, requestedBy });
			expect(await bed.see(repo)).toBe(second);
			expect(await bed.swarm.runningDigests(applicationId)).toEqual([ended.image?.digest]);

			comeBack?.(laptop);
			expect(await cutOff).toBeInstanceOf(Error);
			await using again = await client(who);
			expect(await again.deployment("deploy", { applicationId, requestId: "once" })).toEqual(ended);
		},
	);

	it("when everybody is gone, a bad release is taken back by its worker all the same", async ({ expect }) => {
		const laptop = await client(hurried);
		const { repo, applicationId, second } = await liveApp(laptop, "unwatched", { rollback: "auto" });
		await repo.commit("Second version", { behaviour: { version: second, ...atTheEdges(500) } });
		using gate = edge.hold(second);
		const { deploymentId } = await laptop.deployment("deploy", { applicationId, wait: 0 });
		await gate.reached;
		process.kill(laptop.pid, "SIGKILL");
		await serverLeft(hurried);
		gate.release();
		await workerLeft(deploymentId);
		expect(await bed.see(repo)).toBe("one");
		await using his = await client(bob);
		expect(await his.deployment("get_deployment", { deploymentId, wait: 0 })).toMatchObject({
			...{ status: "error", outcome: "rolled_back", requestedBy: requester(hurried) },
			autoRollback: { attempted: true, toLastHealthy: true, recovered: true },
		});
		expect(await his.history(applicationId)).toMatchObject([
			{ kind: "auto_rollback", outcome: "live", verdict: "healthy", current: true },
			{ deploymentId, verdict: "unhealthy" },
			{ kind: "deploy", outcome: "live" },
		]);
	});

	async function serverPid(who: Person): Promise<number> {
		const server = await manager.serverOf(who);
		if (!server?.env.includes(`LOGNAME=${who.name}`)) throw new Error(`${who.name} has no server`);
		return server.pid;
	}

	/** As an administrator does who throws somebody out. */
	async function killSession(_laptop: Deploymill, pid: number): Promise<void> {
		const processes = await manager.processes();
		const above = (child: number) => processes.find((process) => process.pid === child);
		let session = above(pid);
		while (session && !/^sshd.*: deploy@notty/.test(session.command.join(" "))) session = above(session.parent);
		if (!session) throw new Error("the server is no descendant of an ssh session");
		process.kill(session.pid, "SIGKILL");
	}

	/** Asks nothing of deploymill: whoever looks settles what was left. */
	const workerLeft = (deploymentId: string) =>
		until(
			() => manager.workerOf(deploymentId),
			(worker) => worker === undefined,
			120_000,
		);

	const serverLeft = (who: Person) =>
		until(
			() => manager.serverOf(who),
			(server) => server === undefined,
			60_000,
		);
});

/** The README's own, so that what it says is what is tried. */
async function sshArguments(): Promise<string[]> {
	const readme = await readFile(join(import.meta.dirname, "../../README.md"), "utf8");
	const blocks = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => JSON.parse(text));
	const found = blocks.map((block) => block.mcpServers?.deploymill).find((server) => server?.command === "ssh");
	if (!found?.args.includes(login)) throw new Error(`the README has no client that logs in as ${login}`);
	return found.args;
}
