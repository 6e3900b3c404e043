// `deploymill history`: the timeline at the terminal and as a page, in a real browser.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { startBrowser } from "../support/browser.ts";
import { program } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

const run = promisify(execFile);
const hostile = `</script><script>document.title="taken"</script><img src=x onerror="document.title='taken'"> \u202egnp.exe`;

describe("The history of an application", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let bad: Release;
	let file: string;
	let browser: Browser;

	beforeAll(async () => {
		bed = await TestBed.open();
		browser = await startBrowser();
		app = await AppStory.begin(bed, await bed.server(), "history", { project: { rollback: "auto" } });
		one = await app.release({ version: "one" });
		bad = await app.release({ version: "bad", ...atTheEdges(500) });
		await app.repo.commit(hostile, { behaviour: { version: "bad again", ...atTheEdges(500) } });
		await app.call("deploy", "bad again", { reason: hostile });
		file = bed.path("history.html");
	});
	afterAll(async () => {
		await browser?.close();
		await bed.close();
	});

	const history = (...args: string[]) =>
		run(program.command, [program.file, "history", ...args], { env: { ...process.env, ...bed.env() } });

	it("is one line a deployment at the terminal, newest first, beneath what is live", async () => {
		const { stdout } = await history(app.applicationId);
		const [head, empty, ...lines] = stdout.trimEnd().split("\n");
		expect(head).toMatch(
			new RegExp(`^${app.applicationId}: live is ${one.commit?.sha.slice(0, 7)} "Version one", healthy, since .*, by deploymill$`),
		);
		expect(empty).toBe("");
		expect(lines.map((line) => line.replace(/ {2,}/g, " "))).toEqual([
			expect.stringMatching(/^● .* revert .* — to dep\S+ because of dep\S+ — by deploymill$/),
			expect.stringMatching(/^✗ .* deploy \w{7} bad, taken back /),
			expect.stringMatching(/^↩ .* revert /),
			expect.stringMatching(/^✗ .* deploy \w{7} bad, taken back .*answered 500/),
			expect.stringMatching(new RegExp(`^○ .* deploy \\w{7} healthy ${one.rollbackId} Version one — by e2e`)),
		]);
		expect((await history(app.applicationId, "--limit", "1")).stdout).toMatch(/older ones are not shown/);
	});

	it("is refused for an application that is not there, a limit that is none, a file that cannot be written", async () => {
		const failure = async (...args: string[]) => (await history(...args).catch((error) => error)) as { code: number; stderr: string };
		expect(await failure("nobody")).toMatchObject({ code: 1, stderr: expect.stringContaining("list_applications") });
		expect(await failure(app.applicationId, "--limit", "0")).toMatchObject({ code: 2, stderr: expect.stringContaining("1-1000") });
		expect(await failure(app.applicationId, "--html", "/nowhere/x.html")).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("--html"),
		});
	});

	describe("as a page", () => {
		let page: Page;
		const requests: string[] = [];
		const faults: string[] = [];

		beforeAll(async () => {
			await history(app.applicationId, "--html", file);
			page = await browser.newPage();
			page.on("request", (request) => requests.push(request.url()));
			page.on("pageerror", (error) => faults.push(error.message));
			page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
			await page.goto(`file://${file}`);
		});

		it("says first what is live, then every deployment, with what belongs to it", async () => {
			expect(await page.locator(".now").innerText()).toMatch(/^Live: Version one [0-9a-f]{7} healthy, since /);
			const entries = page.locator("ol.deployments > li");
			expect(await entries.count()).toBe(5);
			expect(await page.locator("li[aria-current=true]").count()).toBe(1);
			expect(await page.locator(`#${bad.deploymentId} .because`).innerText()).toContain("answered 500");
			expect(await page.locator(`#${one.deploymentId} .point`).innerText()).toBe(`can be gone back to: ${one.rollbackId}`);
			expect(await page.locator("time").first().getAttribute("title")).toMatch(/202\d/);
		});

		it("needs no network, and shows hostile words as words", async () => {
			expect(requests).toEqual([`file://${file}`]);
			expect(faults).toEqual([]);
			expect(await page.title()).toBe(`${app.applicationId}: deployments`);
			expect(await page.locator("img, iframe, a").count()).toBe(0);
			expect(await page.locator("li").nth(1).innerText()).toContain("</script><script>document.title=");
			expect(await readFile(file, "utf8")).not.toContain("<img");
		});

		it.each([
			["light", 1000],
			["dark", 1000],
			["light", 360],
		] as const)("can be read in %s at a width of %i: nothing runs out of the window", async (colorScheme, width) => {
			await page.emulateMedia({ colorScheme });
			await page.setViewportSize({ width, height: 800 });
			expect(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).toBe(true);
			const [ink, paper] = (await page.evaluate(
				"[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor]",
			)) as string[];
			expect(contrast(ink ?? "", paper ?? "")).toBeGreaterThan(7);
			if (process.env.PICTURES)
				await page.screenshot({ path: `${process.env.PICTURES}/history-${colorScheme}-${width}.png`, fullPage: true });
		});
	});
});

/** As WCAG defines it. */
function contrast(one: string, other: string): number {
	const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
	return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
}

function luminance(colour: string): number {
	const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((value) => {
		const part = Number(value) / 255;
		return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
