// The record as MCP resources, and what a client may offer while somebody types.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { Content } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { readLog } from "../support/untrusted-text.ts";

describe("The record as resources", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let failed: Content;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "resources", { project: { rollback: true } });
		one = await app.release({ version: "one" });
		await app.repo.commit("Broken", { files: { Dockerfile: "FROM node:24-slim\nRUN echo built-to-fail && exit 3\n" } });
		const { client } = app.server;
		const result = await client.callTool({ name: "deploy", arguments: { applicationId: app.applicationId, wait: 300 } }, undefined, {
			timeout: 300_000,
		});
		failed = result.structuredContent as Content;
	});
	afterAll(() => bed.close());

	async function read(uri: string): Promise<{ mimeType?: string; text: string }> {
		const { contents } = await app.server.client.readResource({ uri });
		expect(contents).toMatchObject([{ uri }]);
		return contents[0] as unknown as { mimeType?: string; text: string };
	}

	it("shows the log of a deployment that failed, fenced", async () => {
		expect(failed).toMatchObject({ outcome: "failed" });
		const { mimeType, text } = await read(`deploymill://deployments/${failed.deploymentId}/log`);
		expect(mimeType).toBe("text/plain");
		expect(readLog(text)).toContainEqual({ text: expect.stringContaining("built-to-fail"), ours: false });
	});

	it("shows an application and a deployment as the tools do", async () => {
		const shown = JSON.parse((await read(`deploymill://applications/${app.applicationId}`)).text);
		expect(shown).toMatchObject({ applicationId: app.applicationId, current: { deploymentId: one.deploymentId } });
		const {
			next: _next,
			durationMs: _duration,
			...deployment
		} = JSON.parse((await read(`deploymill://deployments/${one.deploymentId}`)).text);
		expect(await app.server.ok("get_deployment", { deploymentId: one.deploymentId })).toMatchObject(deployment);
	});

	it("lists its templates, and says of what is not there that it is not found", async () => {
		const { resourceTemplates } = await app.server.client.listResourceTemplates();
		expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
			"deploymill://applications/{applicationId}",
			"deploymill://deployments/{deploymentId}",
			"deploymill://deployments/{deploymentId}/log",
		]);
		for (const uri of [
			"deploymill://applications/nobody",
			"deploymill://deployments/dep-nothing",
			"deploymill://deployments/dep-nothing/log",
		]) {
			await expect(app.server.client.readResource({ uri })).rejects.toThrow(/not found/);
		}
	});

	it("completes applications and rollback points, in prompts and templates", async () => {
		const { client } = app.server;
		const prompt = { type: "ref/prompt" as const, name: "take_back_a_bad_deploy" };
		const complete = async (argument: { name: string; value: string }, given: Record<string, string> = {}) =>
			(await client.complete({ ref: prompt, argument, context: { arguments: given } })).completion.values;
		expect(await complete({ name: "applicationId", value: bed.prefix })).toEqual([app.applicationId]);
		expect(await complete({ name: "applicationId", value: "zzz" })).toEqual([]);
		expect(await complete({ name: "rollbackId", value: "rb" }, { applicationId: app.applicationId })).toEqual([one.rollbackId]);
		const template = { type: "ref/resource" as const, uri: "deploymill://applications/{applicationId}" };
		const { completion } = await client.complete({ ref: template, argument: { name: "applicationId", value: bed.prefix } });
		expect(completion.values).toEqual([app.applicationId]);
	});

	it("shows itself with a title, a page and an icon", () => {
		expect(app.server.client.getServerVersion()).toMatchObject({
			name: "deploymill",
			title: "deploymill",
			websiteUrl: expect.stringMatching(/^https:/),
			icons: [{ src: expect.stringMatching(/^data:image\/svg/), mimeType: "image/svg+xml" }],
		});
	});
});
