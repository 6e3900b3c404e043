// What keeps a release from coming back: a hold, a person's rollback, and too many failures in a row.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { Content } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

interface Refusal {
	error: { code: string; message: string; details: Content };
	next?: { tool: string; args: Content }[];
}

describe("An application whose deploys are held", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let two: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "held", { project: { rollback: true } });
		one = await app.release({ version: "one" });
		two = await app.release({ version: "two" });
	});
	afterAll(() => bed.close());

	const hold = (args: Content) => app.server.ok("set_hold", { applicationId: app.applicationId, ...args });
	const listed = async () => ((await app.server.ok("list_applications")).applications as Content[])[0];
	async function refused(args: Content = {}): Promise<Refusal> {
		const { isError, content } = await app.server.call("deploy", { applicationId: app.applicationId, ...args });
		expect(isError).toBe(true);
		return content as unknown as Refusal;
	}

	it("is held from a rollback with hold on, and says so in its answer and in the list", async () => {
		const back = await app.call("rollback", "one", { rollbackId: one.rollbackId, hold: true, reason: "checkout is broken" });
		expect(back).toMatchObject({ outcome: "live", warnings: [expect.stringMatching(/^Deploys are held from now on/)] });
		await app.expectLive(one, back.deploymentId);
		expect(await listed()).toMatchObject({ hold: { by: back.requestedBy, since: expect.any(String), reason: "checkout is broken" } });
	});

	it.each([[{}], [{ force: true }], [{ ref: "main", force: true, noCache: true }]])(
		"refuses a deploy with %j, with who, since when and why",
		async (args) => {
			const before = await app.server.history(app.applicationId);
			const { error, next } = await refused(args);
			const { hold } = (await listed()) as { hold: Content };
			expect(error).toMatchObject({ code: "deployments_held", details: { applicationId: app.applicationId, ...hold } });
			expect(error.message).toContain("checkout is broken");
			expect(next).toMatchObject([{ tool: "list_deployments", args: { applicationId: app.applicationId } }]);
			expect(await app.server.history(app.applicationId)).toEqual(before);
		},
	);

	it("is held by nobody else when it is held again, and takes the newer reason", async () => {
		const before = (await listed()) as { hold: Content };
		expect(await hold({ hold: true })).toMatchObject({ held: true, hold: before.hold });
		expect(await hold({ hold: true, reason: "until Monday" })).toMatchObject({ hold: { ...before.hold, reason: "until Monday" } });
	});

	it("can be rolled back and forward all the same", async () => {
		const forward = await app.rollBack(two);
		expect(forward).toMatchObject({ outcome: "live" });
		await app.expectLive(two, forward.deploymentId);
	});

	it("deploys again once it is lifted; lifting twice is fine", async () => {
		expect(await hold({ hold: false })).toMatchObject({ held: false, lifted: { reason: "until Monday" } });
		expect(await hold({ hold: false })).toEqual({ applicationId: app.applicationId, held: false });
		expect(await listed()).not.toHaveProperty("hold");
		expect(await app.call("deploy", "two")).toMatchObject({ outcome: "unchanged" });
	});

	it("what a person took back is refused when it is deployed again, and goes live when it is forced", async () => {
		const back = await app.call("rollback", "one", { rollbackId: one.rollbackId, reason: "prices are wrong" });
		const again = await app.call("deploy", "two");
		expect(again).toMatchObject({
			isError: true,
			outcome: "failed",
			rolledOver: false,
			error: {
				code: "known_bad_release",
				message: expect.stringContaining("prices are wrong"),
				details: { deploymentId: back.deploymentId, takenBackBy: back.requestedBy, reason: "prices are wrong" },
			},
		});
		expect(again.next?.[0]).toMatchObject({ tool: "get_deployment", args: { deploymentId: back.deploymentId } });
		expect(again.swaps).toEqual([]);
		const forced = await app.call("deploy", "two", { force: true });
		expect(forced).toMatchObject({ outcome: "live" });
		await app.expectLive(two, forced.deploymentId);
	});

	it("tells of a deployment that was begun before the hold, which goes on", async () => {
		const asked = { applicationId: app.applicationId, force: true, reason: "the colour again" };
		const { content } = await app.server.call("deploy", { ...asked, wait: 0 });
		const { deploymentId, requestedBy } = content;
		expect((await listed())?.inProgress).toEqual({
			...{ deploymentId, kind: "deploy", phase: expect.any(String), requestedBy, since: content.startedAt, reason: asked.reason },
		});
		const answer = await hold({ hold: true, reason: "a moment" });
		expect(answer).toMatchObject({
			held: true,
			inProgress: { deploymentId: content.deploymentId, kind: "deploy", since: content.startedAt },
			next: [{ tool: "get_deployment", args: { deploymentId: content.deploymentId } }],
		});
		expect(await app.server.deployment("get_deployment", { deploymentId: content.deploymentId, wait: 300 })).toMatchObject({
			outcome: "live",
		});
		expect(await listed()).not.toHaveProperty("inProgress");
		expect(await listed()).toMatchObject({ current: { deploymentId, by: requestedBy } });
	});
});

describe("An application whose deploys fail one after the other", () => {
	let bed: TestBed;
	let app: AppStory;
	/** Fails before anything is built. */
	const fail = () => app.call("deploy", "none", { ref: "no-such-branch" });
	const deploy = (args: Content = {}) => app.server.call("deploy", { applicationId: app.applicationId, ...args });

	beforeAll(async () => {
		bed = await TestBed.open();
		const server = await bed.server({ DEPLOYMILL_MAX_FAILED_DEPLOYS: "3" });
		app = await AppStory.begin(bed, server, "fails", { project: { rollback: true } });
	});
	afterAll(() => bed.close());

	it("is deployed as long as a success comes between them", async () => {
		for (const _failure of [1, 2]) expect(await fail()).toMatchObject({ outcome: "failed", error: { code: "ref_not_found" } });
		expect(await app.release({ version: "well" })).toMatchObject({ outcome: "live" });
	});

	it("is refused after as many in a row as are allowed, which are listed", async () => {
		const failed = [await fail(), await fail(), await fail()].reverse();
		const before = await app.server.history(app.applicationId);
		const { isError, content } = await deploy();
		expect(isError).toBe(true);
		expect(content).toMatchObject({
			error: {
				code: "too_many_failures",
				retryable: false,
				details: {
					applicationId: app.applicationId,
					failedInARow: 3,
					failed: failed.map(({ deploymentId }) => ({ deploymentId, outcome: "failed", error: "ref_not_found" })),
				},
			},
			next: [{ tool: "get_deployment", args: { deploymentId: failed[0]?.deploymentId } }, { tool: "list_deployments" }],
		});
		expect(await app.server.history(app.applicationId)).toEqual(before);
	});

	it("goes on where it is forced, and a success begins the count anew", async () => {
		expect(await app.call("deploy", "well", { force: true })).toMatchObject({ outcome: "live" });
		expect(await fail()).toMatchObject({ outcome: "failed" });
		expect(await app.call("deploy", "well")).toMatchObject({ outcome: "unchanged" });
	});
});
