import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveBuildContext } from "../../../src/adapters/docker/build-context.ts";
import { listContext } from "../../../src/adapters/docker/context-files.ts";
import type { ApplicationConfig } from "../../../src/model/application.ts";
import { checkoutFolder } from "../../support/checkout-folder.ts";

type Build = Partial<ApplicationConfig["build"]>;
type Prepare = (directory: string) => Promise<unknown>;

/** What of a checkout goes along, folders with a slash at their end left out. */
async function list(files: Record<string, string>, build: Build = {}, prepare?: Prepare): Promise<string[]> {
	await using folder = await checkoutFolder(files);
	await prepare?.(folder.directory);
	const order = { directory: folder.directory, build: { dockerfile: "Dockerfile", context: ".", args: {}, ...build } };
	return (await listContext(await resolveBuildContext(order), new AbortController().signal)).sort();
}

const Dockerfile = "FROM scratch\n";

describe("what goes along", () => {
	it("takes the folders on the way to an exception, and no others", async () => {
		const files = {
			Dockerfile,
			".dockerignore": "*\n!src/app/keep\n",
			"src/app/keep": "",
			"src/app/not": "",
			"src/lib/not": "",
			"lib/not": "",
		};
		expect(await list(files)).toEqual(["Dockerfile", "src", "src/app", "src/app/keep"]);
	});

	it("takes the Dockerfile out of a folder that stays behind", async () => {
		const files = {
			".dockerignore": "deploy\n",
			"deploy/docker/Dockerfile": Dockerfile,
			"deploy/docker/not": "",
			"deploy/not": "",
			app: "",
		};
		const listed = await list(files, { dockerfile: "deploy/docker/Dockerfile" });
		expect(listed).toEqual([".dockerignore", "app", "deploy", "deploy/docker", "deploy/docker/Dockerfile"]);
	});

	it("leaves .git behind, and takes what only looks like it", async () => {
		const listed = await list({ Dockerfile, ".git/HEAD": "", "src/.git": "", ".gitignore": "" });
		expect(listed).toEqual([".gitignore", "Dockerfile", "src", "src/.git"]);
	});

	it("does not follow links of folders, also in circles", async () => {
		const prepare: Prepare = async (directory) => {
			await symlink(".", join(directory, "self"));
			await symlink("/etc", join(directory, "out"));
		};
		expect(await list({ Dockerfile }, {}, prepare)).toEqual(["Dockerfile", "out", "self"]);
	});

	it("takes odd names as they are", async () => {
		const names = ["a b", "new\nline", "ünï💩", "-rf", "back\\slash", "\u202Eevil", "tab\t", "'\"$(x)`", "%2e%2e"];
		const files = Object.fromEntries(names.map((name) => [name, ""]));
		expect(await list({ Dockerfile, ...files })).toEqual(["Dockerfile", ...names].sort());
	});
});

/** A name in Latin-1, as old archives hold it. */
const latin1: Prepare = (directory) => writeFile(Buffer.concat([Buffer.from(`${directory}/caf`), Buffer.from([0xe9])]), "");

describe("faults of a repository's author", () => {
	it.each<[name: string, files: Record<string, string>, build: Build, prepare: Prepare | undefined, code: string, message: RegExp]>([
		["no Dockerfile", {}, {}, undefined, "dockerfile_missing", /no Dockerfile at Dockerfile/],
		["a Dockerfile that is a folder", { "Dockerfile/x": "" }, {}, undefined, "dockerfile_missing", /no Dockerfile at Dockerfile/],
		["a Dockerfile below a file", { Dockerfile }, { dockerfile: "Dockerfile/x" }, undefined, "dockerfile_missing", /at Dockerfile\/x/],
		["a Dockerfile that links to itself", {}, {}, (folder) => symlink("Dockerfile", join(folder, "Dockerfile")), "dockerfile_missing", /./],
		["a Dockerfile that links to nothing", {}, {}, (folder) => symlink("gone", join(folder, "Dockerfile")), "dockerfile_missing", /./],
		[
			"a Dockerfile that links out",
			{},
			{},
			(folder) => symlink("/etc/passwd", join(folder, "Dockerfile")),
			"project_file_invalid",
			/^build.dockerfile: Dockerfile leaves the repository/,
		],
		[
			"a Dockerfile that links further than a path can be",
			{},
			{},
			(folder) => symlink("x/".repeat(2000), join(folder, "Dockerfile")),
			"dockerfile_missing",
			/./,
		],
		["a context that is a file", { Dockerfile }, { context: "Dockerfile" }, undefined, "project_file_invalid", /^build.context: /],
		["a context below a file", { Dockerfile }, { context: "Dockerfile/x" }, undefined, "project_file_invalid", /^build.context: /],
		[
			"a context that links to itself",
			{ Dockerfile },
			{ context: "loop" },
			(folder) => symlink("loop", join(folder, "loop")),
			"project_file_invalid",
			/^build.context: /,
		],
		[
			"an ignore file that is a folder",
			{ Dockerfile, ".dockerignore/x": "" },
			{},
			undefined,
			"build_failed",
			/".dockerignore" cannot be used: it is not a file/,
		],
		[
			"an ignore file that links out",
			{ Dockerfile },
			{},
			(folder) => symlink("/etc/passwd", join(folder, ".dockerignore")),
			"build_failed",
			/".dockerignore" cannot be used: it is a link that leaves the repository/,
		],
		[
			"an ignore file beside the Dockerfile that links out",
			{ Dockerfile },
			{},
			(folder) => symlink("../..", join(folder, "Dockerfile.dockerignore")),
			"build_failed",
			/"Dockerfile.dockerignore" cannot be used/,
		],
		[
			"a huge ignore file",
			{ Dockerfile, ".dockerignore": "a\n".repeat(40_000) },
			{},
			undefined,
			"build_failed",
			/it has 80000 bytes, allowed 65536/,
		],
		[
			"an ignore file with a bad pattern",
			{ Dockerfile, ".dockerignore": "ok\n[z-a]\n" },
			{},
			undefined,
			"build_failed",
			/line 2: got "\[z-a\]"/,
		],
		["a name that is not UTF-8", { Dockerfile }, {}, latin1, "build_failed", /the name of the file "caf\ufffd" is not UTF-8/],
		[
			"a link to a name that is not UTF-8",
			{ Dockerfile },
			{},
			(folder) => symlink(Buffer.from([0x63, 0xe9]), join(folder, "link")),
			"build_failed",
			/what the link "link" leads to is not UTF-8/,
		],
	])("%s", async (_name, files, build, prepare, code, message) => {
		await expect(list(files, build, prepare)).rejects.toMatchObject({
			name: "DeploymillError",
			code,
			message: expect.stringMatching(message),
		});
	});

	it("takes what an ignore file names by a * for odd characters to be left behind", async () => {
		expect(await list({ Dockerfile, ".dockerignore": "caf*" }, {}, latin1)).toEqual([".dockerignore", "Dockerfile"]);
	});

	it("has no ignore file where a link leads to none", async () => {
		const prepare: Prepare = (directory) => symlink("gone", join(directory, ".dockerignore"));
		expect(await list({ Dockerfile }, {}, prepare)).toEqual([".dockerignore", "Dockerfile"]);
	});
});

it("lists 50,000 files by 1,000 patterns without holding the loop, and stops when it is told to", async () => {
	await using folder = await checkoutFolder({ Dockerfile, ".dockerignore": patterns(1000) });
	for (let at = 0; at < 50; at++) await fill(join(folder.directory, `packages/p${at}/src`), 1000);
	const context = await resolveBuildContext({ directory: folder.directory, build: { dockerfile: "Dockerfile", context: ".", args: {} } });
	let turns = 0;
	const timer = setInterval(() => turns++, 1);
	const paths = await listContext(context, new AbortController().signal);
	clearInterval(timer);
	// 51 folders around them, the Dockerfile and the ignore file; of each folder's files a hundred stay behind.
	expect(paths).toHaveLength(50 * 900 + 101 + 2);
	expect(turns).toBeGreaterThan(20);
	const aborter = new AbortController();
	const stopped = listContext(context, aborter.signal);
	aborter.abort(new Error("changed our mind"));
	await expect(stopped).rejects.toThrow("changed our mind");
});

function patterns(count: number): string {
	const some = ["**/node_modules#", "dist#/*", "**/*.ext#", "packages/q#/src/*/file-1*", "!foo#/bar/baz"];
	const lines = Array.from({ length: count }, (_, at) => (some[at % some.length] as string).replace("#", String(at)));
	return [...lines, "packages/*/src/file-1*"].join("\n");
}

async function fill(folder: string, count: number): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (let at = 0; at < count; at++) await writeFile(join(folder, `file-${String(at).padStart(3, "0")}.txt`), "");
}
