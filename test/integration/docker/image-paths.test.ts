import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkoutFolder } from "../../support/checkout-folder.ts";
import { openWorkbench, type Workbench } from "../../support/docker-workbench.ts";

describe("DockerImages.findPaths", () => {
	let bench: Workbench;
	let builds = 0;
	beforeAll(async () => {
		bench = await openWorkbench();
	});
	afterAll(() => bench.close());

	async function buildImage(Dockerfile: string, files: Record<string, string> = {}): Promise<string> {
		await using folder = await checkoutFolder({ Dockerfile, ...files });
		const build = { dockerfile: "Dockerfile", context: ".", args: {} };
		const order = { directory: folder.directory, build, tag: `${bench.prefix}-paths:${++builds}`, noCache: false };
		const { imageId } = await bench.images.build(order, { line() {}, step() {} }, new AbortController().signal);
		return imageId;
	}

	it("finds what a base image has, through its links", async () => {
		const started = Date.now();
		const found = await bench.images.findPaths("node:24-slim", [
			"/bin/sh",
			"/usr/bin/node",
			"/bin/wget",
			"/usr/bin/curl",
			"/etc/passwd",
			"/usr",
		]);
		console.log(`node:24-slim was read in ${Date.now() - started} ms`);
		expect([...found]).toEqual(["/bin/sh", "/usr/bin/node", "/bin/wget"]);
	});

	it("answers alike when asked again", async () => {
		const candidates = ["/usr/bin/node"];
		await bench.images.findPaths("node:24-slim", candidates);
		expect([...(await bench.images.findPaths("node:24-slim", candidates))]).toEqual(candidates);
	});

	it("finds nothing in an image from scratch but what was put there", async () => {
		const imageId = await buildImage("FROM scratch\nCOPY --chmod=755 tool /bin/tool\nCOPY --chmod=644 note /bin/note\n", {
			tool: "",
			note: "",
		});
		expect([...(await bench.images.findPaths(imageId, ["/bin/tool", "/bin/note", "/bin/sh"]))]).toEqual(["/bin/tool"]);
	});

	it("does not find what a later layer removed, and finds what it linked", async () => {
		const imageId = await buildImage(`FROM node:24-slim
RUN rm /usr/bin/wget && ln -s /usr/bin/node /usr/local/bin/curl
RUN mkdir -p /opt/a/bin && cp /bin/true /opt/a/bin/gone && cp /bin/true /opt/a/bin/kept
RUN rm -r /opt/a && mkdir -p /opt/a/bin && cp /bin/true /opt/a/bin/new
RUN true
`);
		const candidates = ["/usr/bin/wget", "/bin/wget", "/usr/local/bin/curl", "/opt/a/bin/gone", "/opt/a/bin/new", "/bin/node"];
		const found = await bench.images.findPaths(imageId, candidates);
		expect([...found]).toEqual(["/usr/local/bin/curl", "/opt/a/bin/new", "/bin/node"]);
	});

	it("says that there is no such image", async () => {
		await expect(bench.images.findPaths(`${bench.prefix}-nothing:1`, ["/bin/sh"])).rejects.toMatchObject({ statusCode: 404 });
	});
});
