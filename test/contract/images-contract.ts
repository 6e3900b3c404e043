// Holds every implementation of the Images and Registry ports to what the ports promise: the doubles of the tests and a real engine alike.
import { afterAll, beforeAll, describe, expect, it as test } from "vitest";
import type { BuildListener, BuildOrder, Images, Registry } from "../../src/engine/ports/images.ts";
import type { RegistryCredentials } from "../../src/engine/ports/swarm.ts";

export interface ImagesUnderTest {
	images: Images;
	/** Takes the credentials, and knows the images that were pushed. */
	registry: Registry;
	credentials: RegistryCredentials | undefined;
	/** `host/name` to tag with, unique to this run. */
	repository: string;
	/** An order that builds, with `content` in its only file, `/app`, which is executable. */
	order(tag: string, content: string): Promise<BuildOrder>;
	/** An order whose build fails. */
	brokenOrder(tag: string): Promise<BuildOrder>;
	/** Runs the body of a test, on whatever clock it is. */
	during(body: () => Promise<void>): Promise<void>;
	close(): Promise<void>;
}

const listener: BuildListener = { line() {}, step() {} };
const unaborted = new AbortController().signal;

export function describeImages(name: string, open: () => Promise<ImagesUnderTest>): void {
	describe(`${name} as Images and Registry`, () => {
		let bench: ImagesUnderTest;
		beforeAll(async () => {
			bench = await open();
		});
		afterAll(() => bench.close());
		const it = (title: string, body: () => Promise<void>) => test(title, () => bench.during(body));

		const build = async (tag: string, content: string) => bench.images.build(await bench.order(tag, content), listener, unaborted);
		const push = (tag: string) => bench.images.push(tag, bench.credentials, listener, unaborted);

		it("builds an image, which is there by its id and its tag", async () => {
			const tag = `${bench.repository}:built`;
			const { imageId } = await build(tag, "one");
			expect(imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
			expect(await bench.images.has(imageId)).toBe(true);
			expect(await bench.images.has(tag)).toBe(true);
		});

		it("builds the same image from the same files, another one from others", async () => {
			const first = await build(`${bench.repository}:first`, "same");
			expect(await build(`${bench.repository}:second`, "same")).toEqual(first);
			expect(await build(`${bench.repository}:third`, "other")).not.toEqual(first);
		});

		it("builds and pushes nothing once it is aborted", async () => {
			const aborted = AbortSignal.abort(new Error("enough"));
			const tag = `${bench.repository}:aborted`;
			await expect(bench.images.build(await bench.order(tag, "x"), listener, aborted)).rejects.toThrow("enough");
			expect(await bench.images.has(tag)).toBe(false);
			await expect(bench.images.push(tag, bench.credentials, listener, aborted)).rejects.toThrow("enough");
		});

		it("pushes a tag, and the registry has the digest that comes back", async () => {
			const tag = `${bench.repository}:pushed`;
			await build(tag, "pushed");
			const { digest } = await push(tag);
			expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
			expect(await push(tag)).toEqual({ digest });
			await bench.registry.checkManifest(`${bench.repository}@${digest}`);
		});

		it("says that the registry lacks a digest", async () => {
			const missing = `${bench.repository}@sha256:${"0".repeat(64)}`;
			await expect(bench.registry.checkManifest(missing)).rejects.toMatchObject({ code: "image_missing" });
		});

		it("logs in with the credentials it reads", async () => {
			await bench.registry.checkLogin();
			expect(await bench.registry.credentials()).toEqual(bench.credentials);
		});

		it("takes a tag away, and again what is gone", async () => {
			const tag = `${bench.repository}:untagged`;
			const kept = `${bench.repository}:kept`;
			const { imageId } = await build(tag, "untagged");
			await build(kept, "untagged");
			await bench.images.untag(tag);
			await bench.images.untag(tag);
			expect(await bench.images.has(tag)).toBe(false);
			expect(await bench.images.has(imageId)).toBe(true);
		});

		it("knows a pushed image by its digest, until the last tag of its repository is taken away", async () => {
			const [tag, other] = [`${bench.repository}/own:1`, `${bench.repository}/own:2`];
			await build(tag, "digest");
			await build(other, "digest");
			const { digest } = await push(tag);
			const byDigest = `${bench.repository}/own@${digest}`;
			expect(await bench.images.has(byDigest)).toBe(true);
			await bench.images.untag(tag);
			expect(await bench.images.has(byDigest)).toBe(true);
			await bench.images.untag(other);
			expect(await bench.images.has(byDigest)).toBe(false);
			await bench.registry.checkManifest(byDigest);
		});

		it("finds the executable files of an image", async () => {
			const { imageId } = await build(`${bench.repository}:files`, "files");
			expect(await bench.images.findPaths(imageId, ["/app", "/nothing"])).toEqual(new Set(["/app"]));
		});

		it("says that a build fails", async () => {
			const order = await bench.brokenOrder(`${bench.repository}:broken`);
			await expect(bench.images.build(order, listener, unaborted)).rejects.toMatchObject({ code: "build_failed" });
			expect(await bench.images.has(order.tag)).toBe(false);
		});

		it("says that credentials for a push are wrong, or missing", async () => {
			const tag = `${bench.repository}:refused`;
			await build(tag, "refused");
			const wrong = { username: "somebody", serverAddress: "", ...bench.credentials, password: "not the password" };
			const refused = { code: "registry_auth_failed" };
			await expect(bench.images.push(tag, wrong, listener, unaborted)).rejects.toMatchObject(refused);
			await expect(bench.images.push(tag, undefined, listener, unaborted)).rejects.toMatchObject(refused);
		});

		it("says that there is nothing to push", async () => {
			await expect(push(`${bench.repository}:never-built`)).rejects.toMatchObject({ code: "push_failed" });
		});

		it("says that a registry is not there", async () => {
			const elsewhere = `127.0.0.1:1/app@sha256:${"0".repeat(64)}`;
			await expect(bench.registry.checkManifest(elsewhere)).rejects.toMatchObject({ code: "registry_unreachable" });
		});
	});
}
