// What a repository's author can write must never end as a fault of ours: each repository is read, checked out and built for real.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { parseProjectFile, projectFilePath } from "../../src/config/project.ts";
import { recordMigrations } from "../../src/engine/history/migration-files.ts";
import { DeploymillError } from "../../src/errors.ts";
import { openWorkbench, type Workbench } from "../support/docker-workbench.ts";
import { makeSource } from "../support/git-source.ts";
import { type Entries, file, HostileRepository, link, submodule } from "../support/hostile-repository.ts";

const Dockerfile = "FROM scratch\nCOPY . /\n";
const project = '{"version": 2, "name": "hostile"}';
/** A repository that is well but for what a test adds. */
const well = (more: Entries = {}): Entries => ({ ".deploymill": { "project.json": project }, Dockerfile, ...more });
const deep = (levels: number, name = "d") => Array.from({ length: levels }).reduce<Entries>((inner) => ({ [name]: inner }), { file: "" });

/** `ok`, `absent` where there is no project file, or the code of the error, at each step that was come to. */
interface Journey {
	read: string;
	checkout: string;
	/** The listing of schema migrations, and the build. */
	build?: string;
}

const fine: Journey = { read: "ok", checkout: "ok", build: "ok" };

describe("hostile repositories", () => {
	let bench: Workbench;
	let builds = 0;
	beforeAll(async () => {
		bench = await openWorkbench();
	});
	afterAll(() => bench.close());

	async function build(directory: string): Promise<string> {
		const order = {
			directory,
			build: { dockerfile: "Dockerfile", context: ".", args: {} },
			tag: `${bench.prefix}-hostile:${++builds}`,
			noCache: false,
		};
		await bench.images.build(order, { line: () => {}, step: () => {} }, new AbortController().signal);
		return "ok";
	}

	async function travel(make: (hostile: HostileRepository) => Promise<unknown>): Promise<Journey> {
		const hostile = await HostileRepository.create();
		await make(hostile);
		const { source } = await makeSource();
		const read = await outcomeOf(async () => {
			const { text } = await source.readFile(hostile.directory, undefined, projectFilePath);
			if (text === undefined) return "absent";
			parseProjectFile(text);
			return "ok";
		});
		let built: string | undefined;
		const checkout = await outcomeOf(async () => {
			await using tree = await source.checkout(hostile.directory, undefined);
			expect(tree.commit.sha).toMatch(/^[0-9a-f]{40}$/);
			await recordMigrations(systemClock, await tree.listFiles(), ["**"]);
			built = await outcomeOf(() => build(tree.directory));
			return "ok";
		});
		return { read, checkout, ...(built === undefined ? {} : { build: built }) };
	}

	it.each<[name: string, entries: Entries, expected: Partial<Journey>]>([
		["nothing at all", {}, { read: "absent", build: "dockerfile_missing" }],
		// The project file.
		["a project file in a folder that is a file", { ".deploymill": "", Dockerfile }, { read: "absent" }],
		["a project file in a folder that is a link", { ".deploymill": link("/etc"), Dockerfile }, { read: "absent" }],
		["a project file in a submodule", { ".deploymill": submodule(), Dockerfile }, { read: "absent" }],
		[
			"a project file that is a link",
			{ ".deploymill": { "project.json": link("/etc/passwd") }, Dockerfile },
			{ read: "project_file_invalid" },
		],
		["a project file that is a folder", { ".deploymill": { "project.json": { a: "" } }, Dockerfile }, { read: "project_file_invalid" }],
		[
			"a project file that is a submodule",
			{ ".deploymill": { "project.json": submodule() }, Dockerfile },
			{ read: "project_file_invalid" },
		],
		["a project file of 2 MB", { ".deploymill": { "project.json": " ".repeat(2e6) }, Dockerfile }, { read: "project_file_invalid" }],
		["an empty project file", { ".deploymill": { "project.json": "" }, Dockerfile }, { read: "project_file_invalid" }],
		[
			"a project file in UTF-16",
			{ ".deploymill": { "project.json": Buffer.from(project, "utf16le") }, Dockerfile },
			{ read: "project_file_invalid" },
		],
		["a project file of zeros", { ".deploymill": { "project.json": Buffer.alloc(1000) }, Dockerfile }, { read: "project_file_invalid" }],
		[
			"a project file of brackets",
			{ ".deploymill": { "project.json": "[".repeat(200_000) }, Dockerfile },
			{ read: "project_file_invalid" },
		],
		["a project file that is a number", { ".deploymill": { "project.json": "1" }, Dockerfile }, { read: "project_file_invalid" }],
		[
			"a project file with a name in Latin-1",
			{ ".deploymill": { "project.json": Buffer.from('{"version":2,"name":"caf\xe9"}', "latin1") }, Dockerfile },
			{},
		],
		// Names.
		[
			"odd names",
			well(
				Object.fromEntries(
					["new\nline", "tab\t", "back\\slash", "-rf", "--", " ", "\u202eevil", "e\u0301", "\u{1f4a9}", "'\"$(x)`", "%2e", "~", "*"].map(
						(name) => [name, ""],
					),
				),
			),
			{},
		],
		[
			"names of every length that a tar header has a border at",
			well(Object.fromEntries([99, 100, 101, 154, 155, 156, 157, 255].map((length) => ["n".repeat(length), ""]))),
			{},
		],
		[
			"names of those lengths beyond ASCII",
			well(Object.fromEntries([33, 34, 51, 52, 85].map((length) => ["ü€".repeat(length).slice(0, length), ""]))),
			{},
		],
		[
			"folders whose paths meet those borders",
			well({ ["f".repeat(98)]: { a: "", bb: "", ["g".repeat(54)]: { c: "" }, ["g".repeat(56)]: { c: "" } } }),
			{},
		],
		["a name that is not UTF-8", well({ "caf\\xe9": "" }), { build: "build_failed" }],
		["a name of 256 bytes", well({ ["n".repeat(256)]: "" }), { checkout: "repo_not_allowed" }],
		["names that differ in case alone", well({ dockerfile: "FROM nothing", DOCKERFILE: "", Readme: "", README: "" }), {}],
		["names of tar's own", well({ PaxHeader: "a", "././@LongLink": "b", PaxHeaders: { x: "" } }), { checkout: "repo_not_allowed" }],
		["the name under which a Dockerfile outside of the context goes", well({ ".deploymill.dockerfile": "x" }), {}],
		// Paths.
		["300 folders in each other", well(deep(300)), {}],
		["900 folders in each other", well(deep(900)), {}],
		["1,500 folders in each other", well(deep(1500)), { checkout: "repo_not_allowed" }],
		["10 folders of long names in each other", well(deep(10, "n".repeat(250))), { checkout: "repo_not_allowed" }],
		["a path through .git", well({ ".git": { config: "" } }), { checkout: "repo_not_allowed" }],
		["a path through .GIT", well({ ".GIT": { config: "" } }), { checkout: "repo_not_allowed" }],
		["a path out of the repository", well({ "..": { evil: "" } }), { checkout: "repo_not_allowed" }],
		["a path out of it in one name", well({ "../../evil": "" }), { checkout: "repo_not_allowed" }],
		["an absolute path", well({ "/tmp/evil": "" }), { checkout: "repo_not_allowed" }],
		["a name that is empty", well({ "": "" }), { read: "repo_unreachable", checkout: "repo_unreachable" }],
		// Modes and kinds.
		[
			"modes that git never writes",
			well({ a: file("100000", ""), b: file("100666", ""), c: file("777777", ""), d: file("10644", "") }),
			{},
		],
		["a submodule", well({ sub: submodule(), ".gitmodules": '[submodule "x"]\n\tpath = sub\n\turl = ext::sh -c "touch /tmp/evil"\n' }), {}],
		["a Dockerfile that is a submodule", { ...well(), Dockerfile: submodule() }, { build: "dockerfile_missing" }],
		["a Dockerfile that links out", { ...well(), Dockerfile: link("/etc/passwd") }, { build: "project_file_invalid" }],
		["a Dockerfile that links to itself", { ...well(), Dockerfile: link("Dockerfile") }, { build: "dockerfile_missing" }],
		["a link in circles", well({ a: link("b"), b: link("a"), c: link(".") }), {}],
		["a link with a target of 200 bytes", well({ a: link("t".repeat(200)), b: link("€".repeat(60)) }), {}],
		["a link to something that is not UTF-8", well({ a: link(Buffer.from([0x61, 0xe9])) }), { build: "build_failed" }],
		["a link to nothing at all", well({ a: link("") }), { checkout: "repo_not_allowed" }],
		["a link of 5,000 bytes", well({ a: link("x".repeat(5000)) }), { checkout: "repo_not_allowed" }],
		// Attributes.
		["attributes that ask for odd encodings", well({ ".gitattributes": "* working-tree-encoding=UTF-99\n", a: "ä" }), {}],
		["attributes that ask for filters", well({ ".gitattributes": "* filter=evil ident eol=crlf text export-subst\n", a: "$Id$" }), {}],
		["2 MB of attributes", well({ ".gitattributes": "* a=b\n".repeat(350_000) }), {}],
		// The ignore file.
		["an ignore file that never ended a match", well({ ".dockerignore": "(a+)+b\n", ["a".repeat(200)]: "" }), {}],
		["an ignore file with a legal line", well({ ".dockerignore": "c++/\n" }), {}],
		["an ignore file of control characters", well({ ".dockerignore": "a\0b\n\x1b]31m\n\x7f\n" }), {}],
		["an ignore file in Latin-1", well({ ".dockerignore": Buffer.from([0x63, 0xe9, 0x0a]) }), {}],
		["an ignore file that excludes all", well({ ".dockerignore": "**\n" }), {}],
		["an ignore file with a bad pattern", well({ ".dockerignore": "[z-a]\n" }), { build: "build_failed" }],
		["an ignore file of 100 KB", well({ ".dockerignore": "a\n".repeat(50_000) }), { build: "build_failed" }],
		["an ignore file that is a folder", well({ ".dockerignore": { a: "" } }), { build: "build_failed" }],
		["an ignore file that links out", well({ ".dockerignore": link("/etc/passwd") }), { build: "build_failed" }],
		["an ignore file that is a submodule", well({ ".dockerignore": submodule() }), { build: "build_failed" }],
		// The Dockerfile.
		["an empty Dockerfile", { ...well(), Dockerfile: "" }, { build: "build_failed" }],
		["a Dockerfile of zeros", { ...well(), Dockerfile: Buffer.alloc(1000) }, { build: "build_failed" }],
		["a Dockerfile in UTF-16", { ...well(), Dockerfile: Buffer.from(`\ufeff${Dockerfile}`, "utf16le") }, { build: "build_failed" }],
		["a Dockerfile with a line of 1 MB", { ...well(), Dockerfile: `FROM scratch\nCOPY ${"x".repeat(1e6)} /\n` }, { build: "build_failed" }],
		[
			"a Dockerfile with a frontend of its own",
			{ ...well(), Dockerfile: "# syntax=registry.invalid/evil:1\nFROM scratch\n" },
			{ build: "build_failed" },
		],
		[
			"a Dockerfile that mounts the host",
			{ ...well(), Dockerfile: "FROM scratch\nRUN --mount=type=bind,source=/,target=/host,from=host ls\n" },
			{ build: "build_failed" },
		],
		[
			"a Dockerfile that asks for more rights",
			{ ...well(), Dockerfile: "FROM node:24-slim\nRUN --security=insecure id\n" },
			{ build: "build_failed" },
		],
	])("%s", async (_name, entries, expected) => {
		const journey = await travel((hostile) => hostile.commit(entries));
		const { build: _build, ...withoutBuild } = fine;
		expect(journey).toEqual({ ...(expected.checkout ? withoutBuild : fine), ...expected });
	});

	it.each<[name: string, make: (hostile: HostileRepository) => Promise<unknown>, expected: Journey]>([
		["a repository without a commit", async () => {}, { read: "ref_not_found", checkout: "ref_not_found" }],
		[
			"a tree that names one file twice",
			async (hostile) => {
				const [one, two] = [await hostile.blob(Dockerfile), await hostile.blob("evil")];
				const name = Buffer.from("Dockerfile");
				return hostile.commitTree(await hostile.rawTree([one, two].map((id) => ({ name, mode: "100644", id }))));
			},
			{ read: "absent", checkout: "ok", build: "build_failed" },
		],
		[
			"a tree that names a link, and a folder behind it",
			async (hostile) => {
				const [target, folder] = [await hostile.blob("/tmp"), await hostile.tree({ evil: "" })];
				const name = Buffer.from("a");
				return hostile.commitTree(
					await hostile.rawTree([
						{ name, mode: "120000", id: target },
						{ name, mode: "40000", id: folder },
					]),
				);
			},
			{ read: "absent", checkout: "ok", build: "dockerfile_missing" },
		],
		[
			"a tree that is cut off",
			async (hostile) => hostile.commitTree(await hostile.object("tree", Buffer.from("100644 Dockerfile\0abc"))),
			{ read: "repo_unreachable", checkout: "repo_unreachable" },
		],
		[
			"a commit whose tree is a file",
			async (hostile) => hostile.commitTree(await hostile.blob("")),
			{ read: "repo_unreachable", checkout: "repo_unreachable" },
		],
		[
			"a file that the repository does not have",
			async (hostile) =>
				hostile.commitTree(await hostile.rawTree([{ name: Buffer.from("Dockerfile"), mode: "100644", id: "2".repeat(40) }])),
			{ read: "absent", checkout: "repo_unreachable" },
		],
		["a message with zeros", async (hostile) => hostile.commitTree(await hostile.tree(well()), Buffer.from("a\0b\0c\0d\0e\0f")), fine],
		["a commit of nobody", async (hostile) => hostile.writeCommit(Buffer.from(`tree ${await hostile.tree(well())}\n\nx`)), fine],
		[
			"a commit of garbage",
			async (hostile) => {
				const head = `tree ${await hostile.tree(well())}\nauthor \0 <\0> 999999999999999999 +9999\ncommitter x\nencoding UTF-99\n\n`;
				return hostile.writeCommit(Buffer.from(`${head}\xff\xfe`, "latin1"));
			},
			fine,
		],
	])("%s", async (_name, make, expected) => {
		expect(await travel(make)).toEqual(expected);
	});
});

/** What `work` returns, or the code of the error it threw. Any other fault fails the test. */
async function outcomeOf(work: () => Promise<string>): Promise<string> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof DeploymillError) || error.code === "internal") throw error;
		return error.code;
	}
}
