// The timeline as an MCP App, in the reference host, in a real browser: seen, asked, and gone back with.
import { join } from "node:path";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import { startBrowser } from "../support/browser.ts";
import { TestBed } from "../support/test-bed.ts";

const uri = "ui://deploymill/timeline";

describe("The timeline in a client that shows apps", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let two: Release;
	let browser: Browser;
	let page: Page;
	let frame: FrameLocator;
	const calls: { name: string; arguments: Record<string, unknown> }[] = [];
	const told: unknown[] = [];
	const faults: string[] = [];

	beforeAll(async () => {
		bed = await TestBed.open();
		browser = await startBrowser();
		app = await AppStory.begin(bed, await bed.server(), "timeline", { project: { rollback: true } });
		one = await app.release({ version: "one" });
		two = await app.release({ version: "two" });
		page = await browser.newPage();
		page.on("pageerror", (error) => faults.push(error.message));
		await page.exposeFunction("passOn", (params: (typeof calls)[number]) => {
			calls.push(params);
			return app.server.client.callTool(params, undefined, { timeout: 300_000 });
		});
		await page.exposeFunction("tellModel", (params: unknown) => told.push(params));
		await page.setContent("<body></body>");
		await page.addScriptTag({ content: await hostScript() });
		const args = { applicationId: app.applicationId };
		const result = await app.server.client.callTool({ name: "list_deployments", arguments: args });
		const { contents } = await app.server.client.readResource({ uri });
		expect(contents).toMatchObject([{ uri, mimeType: "text/html;profile=mcp-app" }]);
		const [{ text }] = contents as unknown as [{ text: string }];
		await page.evaluate(([html, given, answer]) => (globalThis as never as Host).openApp(html, given, answer), [
			text,
			args,
			result,
		] as const);
		frame = page.frameLocator("iframe");
	});
	afterAll(async () => {
		await browser?.close();
		await bed.close();
	});

	const entry = ({ deploymentId }: Release) => frame.locator(`#${deploymentId}`);

	it("is named by list_deployments, whose answer stays as it is", async () => {
		const { tools } = await app.server.client.listTools();
		const apps = tools.filter(({ _meta }) => _meta?.ui).map(({ name, _meta }) => [name, _meta?.ui]);
		expect(apps).toEqual([["list_deployments", { resourceUri: uri }]]);
	});

	it("shows what is live and every deployment", async () => {
		await frame.locator(".now").waitFor();
		expect(await frame.locator(".now").innerText()).toMatch(/^Live: Version two [0-9a-f]{7} healthy/);
		expect(await frame.locator("ol.deployments > li").count()).toBe(2);
		expect(await entry(two).locator(".back").count()).toBe(0);
	});

	it("says what going back would mean, and changes nothing for that", async () => {
		await entry(one).locator("summary").click();
		await entry(one).locator(".confirm button").waitFor();
		expect(await entry(one).locator(".preview").innerText()).toMatch(/^The commits in between are listed below\.[\s\S]*Version two/);
		expect(calls.map(({ name, arguments: args }) => [name, args.dryRun])).toEqual([
			["list_applications", undefined],
			["rollback", true],
		]);
		await app.expectLive(two, two.deploymentId);
	});

	it("asks once more, and takes a no for a no", async () => {
		await entry(one).getByText("Roll back to this").click();
		expect(await entry(one).locator(".confirm").innerText()).toMatch(/^This changes production\./);
		await entry(one).getByText("No", { exact: true }).click();
		await entry(one).getByText("Roll back to this").waitFor();
		expect(calls).toHaveLength(2);
	});

	it("goes back by keyboard alone, shows how it ended, and tells the model", async () => {
		await entry(one).getByText("Roll back to this").focus();
		await page.keyboard.press("Enter");
		await page.keyboard.press("Enter");
		await frame.locator(".now", { hasText: "Version one" }).waitFor({ timeout: 120_000 });
		expect(await frame.locator("ol.deployments > li").count()).toBe(3);
		const [newest] = await app.server.history(app.applicationId);
		expect(newest).toMatchObject({ kind: "rollback", outcome: "live", reason: "chosen in the timeline" });
		await app.expectLive(one, newest?.deploymentId ?? "");
		expect(JSON.stringify(told)).toContain(`${newest?.deploymentId}, outcome live`);
		expect(faults).toEqual([]);
	});
});

interface Host {
	openApp(html: string, args: object, result: object): Promise<void>;
}

async function hostScript(): Promise<string> {
	const bundle = await rolldown({ input: join(import.meta.dirname, "../support/app-host.mjs"), platform: "browser" });
	const { output } = await bundle.generate({ format: "iife" });
	await bundle.close();
	return output[0].code;
}
