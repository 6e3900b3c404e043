// Lists hostile project files: every one is committed, read and planned, and has to end in a plan or in a refusal that names what is wrong.
import type { AttackRepository, TreeFile } from "./attack-repository.ts";
import { projectFile } from "./attack-repository.ts";
import { hostile } from "./untrusted-text.ts";

export interface HostileCase {
	what: string;
	make(repository: AttackRepository): Promise<void>;
	/** What a reconcile is answered with: `applied`, or one of these codes. */
	reconcile: string[];
	/** Where it was applied, what a deploy ends in: an outcome, or an error's code. */
	deploy?: string[];
	/** Asked for by name. */
	ref?: string;
	/** Also in the quick part. */
	quick?: true;
}

const file = (content: string | Buffer, mode?: string): TreeFile => ({ path: projectFile, content, ...(mode ? { mode } : {}) });

/** A project file of these bytes. */
function bytes(what: string, content: string | Buffer, reconcile: string[] = ["project_file_invalid"]): HostileCase {
	return { what, reconcile, make: (repository) => repository.commit([file(content)]) };
}

/** A worker's project file with these fields. */
function fields(
	what: string,
	project: (name: string) => Record<string, unknown>,
	reconcile: string[] = ["project_file_invalid"],
): HostileCase {
	return { what, reconcile, make: (repository) => repository.commit([repository.project(project(repository.name))]) };
}

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const web = (name: string, domains: unknown) => ({ port: 3000, domains: { prod: `${name}.test`, custom: domains } });

export const hostileProjectFiles: HostileCase[] = [
	bytes("an empty project file", ""),
	bytes("a project file of zeros", Buffer.alloc(1000)),
	bytes("a project file that is no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
	bytes("a project file in UTF-16", Buffer.from('\uFEFF{"version": 2, "name": "wide"}', "utf16le")),
	bytes("a project file that is a number", "1e999"),
	bytes("a project file that is null", "null"),
	{ ...bytes("100,000 open brackets", "[".repeat(100_000)), quick: true },
	bytes("120,000 open braces with keys", '{"a":'.repeat(40_000)),
	bytes("250 kB of one string that does not end", `{"name": "${"\\".repeat(250_000)}`),
	bytes("250 kB of keys that are given twice", `{${many(20_000, () => '"name":1').join(",")}}`),
	{ ...bytes("20,000 unknown keys", `{${many(20_000, (index) => `"k${index}":1`).join(",")}}`), quick: true },
	bytes("an unknown key of 200 kB", JSON.stringify({ version: 2, name: "x", [`${hostile}${"k".repeat(200_000)}`]: 1 })),
	bytes("a project file of 900 kB", JSON.stringify({ version: 2, name: "x", database: "d".repeat(900_000) })),
	bytes("a project file of 5 MB", `{"version": 2, "name": "x"${" ".repeat(5_000_000)}}`),
	{
		...bytes(
			"__proto__ and constructor wherever there are keys",
			'{"version":2,"name":"x","__proto__":{"rollback":true},"build":{"args":{"__proto__":"1","constructor":"2"},"constructor":{}}}',
		),
		quick: true,
	},
	bytes(
		"orders, fences and bidi in every place of a project file",
		JSON.stringify({
			version: hostile,
			name: hostile,
			workload: hostile,
			port: hostile,
			domains: { prod: hostile, custom: [hostile] },
			rollback: hostile,
			health: { path: hostile, [hostile]: hostile },
			mounts: [{ volumeName: hostile, mountPath: hostile }],
			resources: hostile,
			build: { dockerfile: hostile, args: { [hostile]: hostile } },
			migrations: [hostile],
			[hostile]: hostile,
		}),
	),
	fields("a name of orders and fences", () => ({ name: `${hostile.slice(-70)}` }), ["applied", "project_file_invalid"]),
	fields("a name that is a path", () => ({ name: "../../../etc" }), ["applied", "project_file_invalid"]),
	fields("a name of emoji alone", () => ({ name: "😀😀😀" }), ["applied", "project_file_invalid"]),
	fields(
		"200 kB of fields that are ignored",
		() => ({ database: many(2000, () => hostile.slice(0, 90)), storage: { [hostile]: hostile } }),
		["applied"],
	),
	...[
		"0x7f000001",
		"app.0x1",
		"0177.1",
		"127.1",
		"localhost",
		"[::1]",
		"2130706433",
		"１２７.0.0.1",
		"a..b",
		"*.test",
		"-a.test",
		"a.test:80",
		"user@a.test",
		"a.test/x",
		"%31.test",
		"\u202Ea.test",
		`${"a.".repeat(200)}test`,
	].map((domain) => ({
		...fields(`the domain ${JSON.stringify(domain.slice(0, 20))}`, (name) => web(name, [domain])),
		...(domain.startsWith("0x") || domain === "app.0x1" ? { quick: true as const } : {}),
	})),
	fields("10,000 domains", (name) =>
		web(
			name,
			many(10_000, (index) => `d${index}.test`),
		),
	),
	fields("10,000 mounts", () => ({ mounts: many(5000, () => ({ volumeName: "v", mountPath: "/v" })) })),
	...["/etc", "..", "/var/run/docker.sock", "v:/etc", "a,source=/etc", "a/../../etc", "\u0000"].map((volumeName) =>
		fields(`the volume ${JSON.stringify(volumeName)}`, () => ({ mounts: [{ volumeName, mountPath: "/data" }] })),
	),
	...["/", "data", "/data,readonly", "/../etc", "/data:ro", "/a\u0000b", "/proc", "/\u202Ex"].map((mountPath) =>
		fields(`the mount path ${JSON.stringify(mountPath)}`, (name) => ({ mounts: [{ volumeName: name, mountPath }] }), [
			"applied",
			"project_file_invalid",
		]),
	),
	...[
		"//169.254.0.1/",
		"/\r\nHost: other",
		"/ HTTP/1.1\r\n\r\nGET /",
		"http://127.0.0.1:1/",
		"/%zz",
		"/$(id)",
		"/'; id; '",
		"/`id`",
		`/${"x".repeat(5000)}`,
	].map((path) =>
		fields(`the health path ${JSON.stringify(path.slice(0, 30))}`, (name) => ({ ...web(name, []), health: { path } }), [
			"applied",
			"project_file_invalid",
		]),
	),
	fields("numbers beyond all bounds", () => ({ replicas: 1e308, resources: { cpu: -0, memoryMb: 2 ** 53 } })),
	fields("5,000 build arguments", () => ({ build: { args: Object.fromEntries(many(5000, (index) => [`A${index}`, "x".repeat(20)])) } }), [
		"applied",
		"project_file_invalid",
	]),
	fields("build arguments of 100 kB", () => ({ build: { args: { A: hostile + "x".repeat(100_000) } } }), [
		"applied",
		"project_file_invalid",
	]),
	...["../../../../etc/passwd", "/etc/passwd", "a/../../..", "-f", "http://127.0.0.1:1/Dockerfile", "\\\\host\\share", "a\nb"].map((path) =>
		fields(`the Dockerfile ${JSON.stringify(path)}`, () => ({ build: { dockerfile: path, context: path } }), [
			"applied",
			"project_file_invalid",
		]),
	),
	{
		what: "a project file that is a link out of the repository",
		reconcile: ["project_file_invalid"],
		quick: true,
		make: (repository) => repository.commit([file("/etc/passwd", "120000")]),
	},
	{
		what: "a project file that is a link to itself",
		reconcile: ["project_file_invalid"],
		make: (repository) => repository.commit([file("project.json", "120000")]),
	},
	{
		what: "a folder where the project file should be",
		reconcile: ["project_file_invalid"],
		make: (repository) => repository.commit([{ path: `${projectFile}/x`, content: "1" }]),
	},
	{
		what: "a folder .deploymill that is a link to /etc",
		reconcile: ["project_file_missing"],
		make: (repository) => repository.commit([{ path: ".deploymill", content: "/etc", mode: "120000" }]),
	},
	{
		what: "a folder .deploymill that is a submodule",
		reconcile: ["project_file_missing"],
		make: (repository) => repository.commit([{ path: ".deploymill", content: "a".repeat(40), mode: "160000" }]),
	},
	{
		what: "a project file that is a submodule",
		reconcile: ["project_file_missing", "project_file_invalid"],
		make: (repository) => repository.commit([{ path: projectFile, content: "a".repeat(40), mode: "160000" }]),
	},
	{
		what: "a project file in other letters alone",
		reconcile: ["project_file_missing"],
		make: (repository) =>
			repository.commit([
				{ path: ".Deploymill/Project.json", content: "{}" },
				{ path: ".deploymill/other", content: "" },
			]),
	},
];
