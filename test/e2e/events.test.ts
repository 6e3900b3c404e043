// What people are told of deployments: through the built server, its workers and the command line, with receivers of all kinds.
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runDeploymill } from "../support/command.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import { EventsReceiver } from "../support/event-receiver.ts";
import { closedPort } from "../support/server.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { Watcher } from "../support/watcher.ts";
import { workerOf } from "../support/workers.ts";

let bed: TestBed;
let receiver: EventsReceiver;
beforeEach(async () => {
	receiver = await EventsReceiver.open(`token-${randomBytes(12).toString("hex")}`);
});
afterEach(() => receiver[Symbol.asyncDispose]());

/** Ends at once, as `failed`, without a build. */
const deployNothing = (server: Deploymill, applicationId: string) => server.deployment("deploy", { applicationId, ref: "no-such-branch" });

async function killWorkerInBuild(server: Deploymill, applicationId: string): Promise<DeploymentAnswer> {
	const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
	await until(
		() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
		({ phase }) => phase === "build",
		120_000,
	);
	process.kill((await workerOf(bed.dataFolder, deploymentId)).pid, "SIGKILL");
	return server.deployment("get_deployment", { deploymentId });
}

describe("Twenty ends, three of them of workers that were killed", () => {
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it("are received once each and in their order, by the receiver and by who watches", { timeout: 600_000 }, async () => {
		const server = await bed.server({ ...receiver.env, DEPLOYMILL_LOG_LEVEL: "trace" });
		await using watcher = new Watcher(bed.env(), "--json", "--since", "1h");
		const files = { Dockerfile: dockerfileWith(`sleep 5; : ${bed.prefix}`) };
		const apps = await Promise.all(
			["one", "two", "three"].map(async (label) => server.reconcile((await bed.project(label, { files })).repoUrl)),
		);
		const ends = await Promise.all(
			apps.map(async (applicationId) => {
				const killed = await killWorkerInBuild(server, applicationId);
				const failed: DeploymentAnswer[] = [];
				for (let count = 0; count < 5; count++) failed.push(await deployNothing(server, applicationId));
				return [killed, ...failed];
			}),
		);
		const [first = ""] = apps;
		const live = await server.deployment("deploy", { applicationId: first });
		const unchanged = await server.deployment("deploy", { applicationId: first });
		const all = [...ends.flat(), live, unchanged];
		expect(all.map(({ outcome }) => outcome).sort()).toEqual([
			...Array(15).fill("failed"),
			...Array(3).fill("interrupted"),
			"live",
			"unchanged",
		]);
		await receiver.whenReceived(20);
		expect(receiver.received.map(({ isSigned }) => isSigned)).toEqual(Array(20).fill(true));
		expect(receiver.deliveryIds.toSorted()).toEqual(all.map(({ deploymentId, outcome }) => `${deploymentId}:${outcome}`).sort());
		const watched = (await watcher.whenPrinted(20)).map((line) => JSON.parse(line));
		// As they were recorded, whoever ended them.
		expect(receiver.received).toEqual(watched.map((event) => ({ ...event, isSigned: true })));
		const { isSigned: _isSigned, ...told } = receiver.received.at(-2)!;
		expect(told).toEqual({
			deliveryId: `${live.deploymentId}:live`,
			event: "live",
			applicationId: first,
			deploymentId: live.deploymentId,
			kind: "deploy",
			outcome: "live",
			verdict: "healthy",
			commit: live.commit,
			note: null,
			requestedBy: live.requestedBy,
			at: live.finishedAt,
			text: expect.stringMatching(
				new RegExp(`^${first}: live \\(deploy ${live.deploymentId}, commit [0-9a-f]{8} \`First version\`, asked for by `),
			),
		});
		await expectNoToken(server);
	});
});

/** The receiver's address stands in nobody's log, and not in the record. */
async function expectNoToken(server: Deploymill): Promise<void> {
	const files = await readdir(bed.dataFolder, { recursive: true, withFileTypes: true });
	const texts = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1"));
	const found = [server.stderr, ...(await Promise.all(texts))].filter((text) => text.includes(receiver.token));
	expect(found).toEqual([]);
}

describe("A receiver", () => {
	let plain: Deploymill;
	let plainAnswer: DeploymentAnswer;
	let repoUrl: string;
	let applicationId: string;
	beforeAll(async () => {
		bed = await TestBed.open();
		plain = await bed.server();
		({ repoUrl } = await bed.project("told"));
		applicationId = await plain.reconcile(repoUrl);
		await plain.deployment("deploy", { applicationId });
		plainAnswer = await plain.deployment("deploy", { applicationId, force: true });
	});
	afterAll(() => bed.close());

	/** What does not differ from one deploy of the same commit to another. */
	function shapeOf({ status, outcome, health, phases, rolledOver, error }: DeploymentAnswer) {
		return { status, outcome, verdict: health?.verdict, phases: phases?.map(({ phase }) => phase), rolledOver, error };
	}

	it("that holds every request changes nothing of a deploy: it ends, is answered and frees the app while the event is held", async () => {
		const held: (() => void)[] = [];
		receiver.answer = (response) => void held.push(() => response.end());
		await using server = await bed.server(receiver.env);
		const answer = await server.deployment("deploy", { applicationId, force: true });
		expect(shapeOf(answer)).toEqual(shapeOf(plainAnswer));
		await receiver.whenReceived(1);
		expect(held).toHaveLength(1);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
		expect(held).toHaveLength(1);
		receiver.answer = (response) => response.end();
		for (const release of held) release();
		const [first, second] = await receiver.whenReceived(2);
		expect([first, second]).toMatchObject([{ deliveryId: `${answer.deploymentId}:live` }, { event: "unchanged" }]);
	});

	it("that answers 500 and then 200 gets the event again, the same", async () => {
		let answers = 0;
		receiver.answer = (response) => response.writeHead(++answers === 1 ? 500 : 200).end();
		await using server = await bed.server(receiver.env);
		const failed = await deployNothing(server, applicationId);
		const [first, second] = await receiver.whenReceived(2);
		expect(second).toEqual(first);
		expect(first?.deliveryId).toBe(`${failed.deploymentId}:failed`);
	});

	it("that is down is told by the next process, and only what its own settings want", async () => {
		const down = { ...receiver.env, DEPLOYMILL_NOTIFY_URL: `http://127.0.0.1:${await closedPort()}/`, DEPLOYMILL_NOTIFY_ON: "problems" };
		const server = await bed.server(down);
		expect(shapeOf(await server.deployment("deploy", { applicationId, force: true }))).toEqual(shapeOf(plainAnswer));
		const failed = await deployNothing(server, applicationId);
		await server.close();
		const call = ["call", "list_applications"];
		await until(
			() => runDeploymill(call, bed.env({ ...receiver.env, DEPLOYMILL_NOTIFY_ON: "problems" })),
			() => receiver.received.length > 0,
			120_000,
		);
		expect(receiver.deliveryIds).toEqual([`${failed.deploymentId}:failed`]);
		expect((await runDeploymill(call, bed.env(receiver.env))).code).toBe(0);
		expect(receiver.received).toHaveLength(1);
	});

	it("is told of what a server without one records, and never of what was before it", async () => {
		const folder = { DEPLOYMILL_DATA_DIR: bed.path("other-data") };
		const silent = await bed.server(folder);
		const other = await silent.reconcile((await bed.project("other", { fixture: "worker" })).repoUrl);
		await deployNothing(silent, other);
		await using _told = await bed.server({ ...folder, ...receiver.env });
		const { deploymentId } = await deployNothing(silent, other);
		await receiver.whenReceived(1);
		expect(receiver.deliveryIds).toEqual([`${deploymentId}:failed`]);
	});

	describe("and those who watch", () => {
		it("print a line for people; the newest alone without --since; and end with SIGTERM", async () => {
			await using watcher = new Watcher(bed.env());
			// It shows nothing from before, so it must be there first.
			await until(
				() => deployNothing(plain, applicationId),
				() => watcher.lines.length > 0,
				120_000,
			);
			const failed = await deployNothing(plain, applicationId);
			const line = await watcher.whenToldOf(failed.deploymentId);
			expect(line).toContain(`${failed.finishedAt} ${applicationId}: failed (deploy ${failed.deploymentId}, asked for by `);
			watcher.signal("SIGTERM");
			expect(await watcher.ended()).toEqual({ code: 0, stderr: "" });
		});

		it("see what a call from the command line did, and end quietly when nobody reads any more", async () => {
			await using watcher = new Watcher(bed.env(), "--json", "--since", "1h");
			const call = ["call", "deploy", JSON.stringify({ applicationId, ref: "no-such-branch", wait: 60 })];
			const { stdout } = await runDeploymill(call, bed.env());
			const { deploymentId } = JSON.parse(stdout);
			expect(JSON.parse(await watcher.whenToldOf(deploymentId))).toMatchObject({ deploymentId, event: "failed" });
			watcher.leave();
			await deployNothing(plain, applicationId);
			expect(await watcher.ended()).toEqual({ code: 0, stderr: "" });
		});

		it("are told of a time that is none", async () => {
			const { code, stdout, stderr } = await runDeploymill(["watch", "--since", "yesterday"], bed.env());
			expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
			expect(stderr).toContain('since: got "yesterday", expected for example 10m');
		});
	});
});
