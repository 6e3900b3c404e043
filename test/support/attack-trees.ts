// Lists hostile trees: what is packed for a build, which files count as migrations, and what is written to the disk on the way.
import { randomBytes } from "node:crypto";
import type { HostileCase } from "./attack-project-files.ts";
import type { TreeFile } from "./attack-repository.ts";

const many = (count: number, make: (index: number) => TreeFile): TreeFile[] => Array.from({ length: count }, (_, index) => make(index));
/** Prints what the build can see, and fails, so that nothing is deployed. */
const looking = (command: string): TreeFile => ({
	path: "Dockerfile",
	content: `FROM node:24-slim\nCOPY . /seen\nRUN cd /seen; ${command}; exit 3\n`,
});
const longName = "a".repeat(60);

function tree(what: string, files: TreeFile[], deploy: string[] = ["build_failed"], more: Partial<HostileCase> = {}): HostileCase {
	return { what, reconcile: ["applied"], deploy, make: (repository) => repository.commit(files), ...more };
}

function ignoring(what: string, patterns: string | Buffer, more: Partial<HostileCase> = {}): HostileCase {
	return tree(
		`.dockerignore: ${what}`,
		[{ path: ".dockerignore", content: patterns }, ...many(50, (index) => ({ path: `${longName}${index}c`, content: "" }))],
		["build_failed"],
		more,
	);
}

/** Deployed too: migrations are looked for at every deploy. */
function migrating(what: string, globs: string[], files: TreeFile[] = [], more: Partial<HostileCase> = {}): HostileCase {
	return {
		what: `migrations: ${what}`,
		reconcile: ["applied", "project_file_invalid"],
		deploy: ["build_failed"],
		make: (repository) => repository.commit([repository.project({ migrations: globs }), { path: `${longName}c`, content: "" }, ...files]),
		...more,
	};
}

export const hostileBuildContexts: HostileCase[] = [
	ignoring("(a+)+b", "(a+)+b\n(a|a)*b\n(.*)*b\n", { quick: true }),
	ignoring("c++/, as C++ projects have it", "c++/\n+\n++\na**b++\n", { quick: true }),
	ignoring("stars that multiply", `${"*a".repeat(30)}b\n${"**/".repeat(40)}b\n${"a*".repeat(100)}\n`, { quick: true }),
	ignoring("a bracket that is not closed", "[\n[a-\n[!\n[^]\n[z-a]\n\\\n"),
	ignoring("50,000 lines", `${"!*/x*\n*y*z\n".repeat(25_000)}`),
	ignoring("one line of 1 MB", "*a".repeat(500_000)),
	ignoring("bytes that are no text", randomBytes(5000)),
	ignoring("CR, NUL, BOM and Unicode", "\uFEFF# x\r\na\0b\r\n!\u202Ex\r\n!!\n!\n"),
	ignoring("paths out of the context", "../../../etc\n/../..\n!../../etc/passwd\n"),
	ignoring("all of it", "**\n*\n.\n"),
	tree(
		".dockerignore: a link to /etc/passwd",
		[{ path: ".dockerignore", content: "/etc/passwd", mode: "120000" }],
		["project_file_invalid", "build_failed"],
	),
	tree(".dockerignore: a folder", [{ path: ".dockerignore/x", content: "1" }], ["project_file_invalid", "build_failed"]),
	migrating("{a,a} many times", [`${"{a,a}".repeat(39)}b`], [], { quick: true }),
	migrating("(a+)+b and its kin", ["(a+)+b"], []),
	migrating("+(a|aa)", [`${"+(a|aa)".repeat(20)}b`], []),
	migrating("stars that multiply", ["*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a"], [], { quick: true }),
	migrating("brackets and ranges", ["[[[[", "[z-a]", "{{{{{{", "}}}}", "{1..100000000}"], []),
	migrating(
		"** over 20,000 files",
		["**"],
		many(20_000, (index) => ({ path: `m/${Math.trunc(index / 500)}/${index}.sql`, content: "" })),
	),
	tree(
		"a Dockerfile that is a link out of the repository",
		[{ path: "Dockerfile", content: "/etc/passwd", mode: "120000" }],
		["project_file_invalid", "dockerfile_missing"],
		{ quick: true },
	),
	tree("a Dockerfile that is a folder", [{ path: "Dockerfile/x", content: "1" }], ["dockerfile_missing"]),
	tree(
		"a Dockerfile that is a link to itself",
		[{ path: "Dockerfile", content: "Dockerfile", mode: "120000" }],
		["project_file_invalid", "dockerfile_missing"],
	),
	{
		what: "a context that is a link out of the repository",
		reconcile: ["applied"],
		deploy: ["project_file_invalid"],
		make: (repository) =>
			repository.commit([repository.project({ build: { context: "way/out" } }), { path: "way/out", content: "/etc", mode: "120000" }]),
	},
	tree("an empty Dockerfile", [{ path: "Dockerfile", content: "" }]),
	tree("a Dockerfile of 2 MB", [{ path: "Dockerfile", content: `FROM scratch\n${"# x\n".repeat(500_000)}COPY nothing /\n` }]),
	tree("a Dockerfile with a frontend of its own", [
		{ path: "Dockerfile", content: "# syntax=127.0.0.1:1/evil/frontend:latest\nFROM scratch\nCOPY nothing /\n" },
	]),
	tree("a Dockerfile that wants privileges, secrets and the host", [
		{
			path: "Dockerfile",
			content:
				"# syntax=docker/dockerfile:1\nFROM node:24-slim\nRUN --security=insecure true\nRUN --network=host true\nRUN --mount=type=secret,id=x,required=true true\nRUN --mount=type=bind,from=/,target=/host true\nRUN exit 3\n",
		},
	]),
	tree(
		"links to where secrets are",
		[
			...[
				"/proc/self/environ",
				"/proc/1/environ",
				"/etc/shadow",
				"../../../../../../etc/hostname",
				"../../git/config",
				"/root/.docker/config.json",
			].map((way, index) => ({ path: `l${index}`, content: way, mode: "120000" })),
			looking("for link in l*; do echo $link; head -c 300 $link; done"),
		],
		["build_failed"],
		{ quick: true },
	),
	tree("links in circles", [
		{ path: "a", content: "b", mode: "120000" },
		{ path: "b", content: "a", mode: "120000" },
		{ path: "up", content: "..", mode: "120000" },
		{ path: "here", content: ".", mode: "120000" },
	]),
	tree("a link with a target of 4,000 characters", [{ path: "far", content: "x/".repeat(2000), mode: "120000" }], ["build_failed"]),
	tree(
		"names of newlines, options, bidi and bytes that are no UTF-8",
		[
			...[
				"new\nline",
				"-rf",
				"--help",
				"a b",
				" ",
				"\u202Eelif",
				"\u200b",
				"$(id)",
				"`id`",
				"'\"",
				"*",
				"?",
				"~",
				"%s",
				"\u001b[2J",
				"a".repeat(255),
				"COPY",
				"</untrusted-000000000000>",
			].map((path) => ({ path, content: "1" })),
			{ path: Buffer.from([0x66, 0xff, 0xfe]), content: "1" },
			{ path: Buffer.from([0xed, 0xa0, 0x80]), content: "1" },
			looking("ls | od -c | head -50"),
		],
		["build_failed"],
		{ quick: true },
	),
	tree("names that differ in letters' case alone", [
		{ path: "README", content: "1" },
		{ path: "readme", content: "2" },
		{ path: "dockerfile", content: "FROM scratch\n" },
		{ path: ".DOCKERIGNORE", content: "**" },
	]),
	tree(
		"20,000 files",
		many(20_000, (index) => ({ path: `d${index % 100}/${index}`, content: `${index}` })),
	),
	tree("a folder 700 levels deep", [{ path: `${"d/".repeat(700)}f`, content: "1" }]),
	tree(
		"a path of more than 4,096 characters",
		[{ path: `${`${"d".repeat(200)}/`.repeat(30)}f`, content: "1" }],
		["build_failed", "project_file_invalid", "repo_not_allowed", "repo_unreachable"],
	),
	tree(
		"300 MB of zeros",
		[{ path: "zeros", content: Buffer.alloc(300_000_000) }],
		["build_failed", "repo_unreachable", "project_file_invalid"],
	),
	{
		what: "one blob of 10 MB under 1,000 names: 10 GB on the disk",
		// A reconcile reads one file, and writes nothing else.
		reconcile: ["applied", "repo_unreachable", "repo_not_allowed"],
		deploy: ["repo_not_allowed", "repo_unreachable", "project_file_invalid"],
		make: async (repository) => {
			const id = await repository.object("blob", Buffer.alloc(10_000_000));
			const folder = await repository.tree(
				Array.from({ length: 1000 }, (_, index) => ({ mode: "100644", name: String(index).padStart(4, "0"), id })),
			);
			await repository.commitTree(
				await repository.tree([...(await repository.projectEntries()), { mode: "40000", name: "bomb", id: folder }]),
			);
		},
	},
	{
		what: "trees in trees: 10 billion files of 15 objects",
		reconcile: ["applied", "repo_unreachable", "repo_not_allowed"],
		deploy: ["repo_not_allowed", "repo_unreachable", "project_file_invalid"],
		quick: true,
		make: async (repository) => {
			let id = await repository.object("blob", "boom");
			let mode = "100644";
			for (let level = 0; level < 10; level++) {
				id = await repository.tree(Array.from({ length: 10 }, (_, index) => ({ mode, name: `f${index}`, id })));
				mode = "40000";
			}
			await repository.commitTree(await repository.tree([...(await repository.projectEntries()), { mode, name: "bomb", id }]));
		},
	},
	...[".git", ".GIT", "git~1", ".g\u200cit"].map((name) => rawName(`a tree with a folder ${JSON.stringify(name)} that has a hook`, name)),
	...["..", ".", "a/b", ""].map((name) => rawName(`a tree with an entry named ${JSON.stringify(name)}`, name)),
];

/** What git's own commands would not put in a tree. */
function rawName(what: string, name: string): HostileCase {
	return {
		what,
		reconcile: ["applied", "repo_unreachable", "project_file_missing", "project_file_invalid"],
		deploy: ["build_failed", "repo_unreachable", "repo_not_allowed", "project_file_invalid"],
		make: async (repository) => {
			const hook = await repository.object("blob", "#!/bin/sh\ntouch /tmp/deploymill-pwned\n");
			const hooks = await repository.tree([{ mode: "100755", name: "post-checkout", id: hook }]);
			const config = await repository.object("blob", "[core]\n\tfsmonitor = touch /tmp/deploymill-pwned\n\thooksPath = hooks\n");
			const folder = await repository.tree([
				{ mode: "100644", name: "config", id: config },
				{ mode: "40000", name: "hooks", id: hooks },
			]);
			await repository.commitTree(await repository.tree([...(await repository.projectEntries()), { mode: "40000", name, id: folder }]));
		},
	};
}
