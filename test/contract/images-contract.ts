// Owns what every implementation of the Images and Registry ports must do, the doubles of the tests and a real engine alike.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildListener, BuildOrder, Images, Registry } from "../../src/engine/ports/images.ts";
import type { RegistryCredentials } from "../../src/engine/ports/swarm.ts";

export interface ImagesUnderTest {
	images: Images;
	/** Takes the credentials, and knows the images that were pushed. */
	registry: Registry;
	credentials: RegistryCredentials | undefined;
	/** `host/name` to tag with, unique to this run. */
	repository: string;
	/** An order that builds, with `content` in the image. */
	order(tag: string, content: string): Promise<BuildOrder>;
	close(): Promise<void>;
}

const listener: BuildListener = { line() {}, step() {} };
const unaborted = new AbortController().signal;

export function describeImages(name: string, open: () => Promise<ImagesUnderTest>): void {
	describe(`${name} as Images and Registry`, () => {
		let test: ImagesUnderTest;
		beforeAll(async () => {
			test = await open();
		});
		afterAll(() => test.close());

		const build = async (tag: string, content: string) => test.images.build(await test.order(tag, content), listener, unaborted);
		const push = (tag: string) => test.images.push(tag, test.credentials, listener, unaborted);

		it("builds an image, which is there by its id and its tag", async () => {
			const tag = `${test.repository}:built`;
			const { imageId } = await build(tag, "one");
			expect(imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
			expect(await test.images.has(imageId)).toBe(true);
			expect(await test.images.has(tag)).toBe(true);
		});

		it("builds the same image from the same files, another one from others", async () => {
			const first = await build(`${test.repository}:first`, "same");
			expect(await build(`${test.repository}:second`, "same")).toEqual(first);
			expect(await build(`${test.repository}:third`, "other")).not.toEqual(first);
		});

		it("builds and pushes nothing once it is aborted", async () => {
			const aborted = AbortSignal.abort(new Error("enough"));
			const tag = `${test.repository}:aborted`;
			await expect(test.images.build(await test.order(tag, "x"), listener, aborted)).rejects.toThrow("enough");
			expect(await test.images.has(tag)).toBe(false);
			await expect(test.images.push(tag, test.credentials, listener, aborted)).rejects.toThrow("enough");
		});

		it("pushes a tag, and the registry has the digest that comes back", async () => {
			const tag = `${test.repository}:pushed`;
			await build(tag, "pushed");
			const { digest } = await push(tag);
			expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
			expect(await push(tag)).toEqual({ digest });
			await test.registry.checkManifest(`${test.repository}@${digest}`);
		});

		it("says that the registry lacks a digest", async () => {
			const missing = `${test.repository}@sha256:${"0".repeat(64)}`;
			await expect(test.registry.checkManifest(missing)).rejects.toMatchObject({ code: "image_missing" });
		});

		it("logs in with the credentials it reads", async () => {
			await test.registry.checkLogin();
			expect(await test.registry.credentials()).toEqual(test.credentials);
		});

		it("takes a tag away, and again what is gone", async () => {
			const tag = `${test.repository}:untagged`;
			const kept = `${test.repository}:kept`;
			const { imageId } = await build(tag, "untagged");
			await build(kept, "untagged");
			await test.images.untag(tag);
			await test.images.untag(tag);
			expect(await test.images.has(tag)).toBe(false);
			expect(await test.images.has(imageId)).toBe(true);
		});
	});
}
