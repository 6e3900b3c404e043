import { expect, test } from "vitest";
import { parseProjectFile } from "../../../src/config/project.ts";
import { wellKnownMigrations } from "../../../src/config/schema-migrations.ts";
import { DeploymillError } from "../../../src/errors.ts";

const web = { version: 2, name: "hello", port: 8080, domains: { prod: "hello.test" } };
const worker = { version: 2, name: "mill" };

function parse(file: unknown) {
	return parseProjectFile(JSON.stringify(file));
}

/** The lines of the error that a text or a value is refused with. */
function problems(file: unknown): string[] {
	try {
		parseProjectFile(typeof file === "string" ? file : JSON.stringify(file));
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		expect(error.code).toBe("project_file_invalid");
		return error.message.split("\n");
	}
	throw new Error("the file was taken");
}

test("defaults of a web application", () => {
	expect(parse(web)).toEqual({
		config: {
			name: "hello",
			workload: "web",
			port: 8080,
			domains: ["hello.test"],
			rollback: { enabled: false, auto: false },
			health: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
			healthDeclared: false,
			mounts: [],
			resources: {},
			replicas: 1,
			build: { dockerfile: "Dockerfile", context: ".", args: {} },
			migrations: [...wellKnownMigrations],
		},
		declaresReplicas: false,
		ignored: [],
		warnings: [],
	});
});

test("every field", () => {
	const file = {
		$schema: "https://example.com/project.schema.json",
		version: 2,
		name: "  Hello Ärger ",
		workload: "web",
		port: 80,
		domains: { prod: "Hello.Test.", custom: ["bücher.example", "WWW.hello.test"] },
		rollback: "auto",
		health: { path: "/health?full=1", retries: 5 },
		mounts: [{ volumeName: "data", mountPath: "/data//files/" }],
		resources: { cpu: 0.5, memoryMb: 256 },
		replicas: 1,
		build: { dockerfile: "./docker/Dockerfile", context: "app/", args: { NODE_ENV: "production" } },
		migrations: ["db/", "sql/*.sql", "sql/*.sql"],
	};
	expect(parse(file)).toEqual({
		config: {
			name: "Hello Ärger",
			workload: "web",
			port: 80,
			domains: ["hello.test", "xn--bcher-kva.example", "www.hello.test"],
			rollback: { enabled: true, auto: true },
			health: { path: "/health?full=1", retries: 5, intervalMs: 3000, timeoutMs: 5000 },
			healthDeclared: true,
			mounts: [{ volumeName: "data", mountPath: "/data/files" }],
			resources: { cpu: 0.5, memoryMb: 256 },
			replicas: 1,
			build: { dockerfile: "docker/Dockerfile", context: "app", args: { NODE_ENV: "production" } },
			migrations: ["db/**", "sql/*.sql"],
		},
		declaresReplicas: true,
		ignored: [],
		warnings: [],
	});
});

test("a worker is what has neither port nor domains, and the rollback switch has three positions", () => {
	expect(parse(worker).config).toMatchObject({ workload: "worker", domains: [] });
	expect(parse(worker).config).not.toHaveProperty("port");
	expect(parse({ ...worker, rollback: true }).config.rollback).toEqual({ enabled: true, auto: false });
	expect(parse({ ...worker, rollback: false }).config.rollback).toEqual({ enabled: false, auto: false });
	expect(parse({ ...worker, health: {} }).config.healthDeclared).toBe(true);
});

test("how often a started container asks itself is applied only where the file says it", () => {
	expect(parse({ ...web, health: { containerIntervalMs: 30_000 } }).config.health).toMatchObject({ containerIntervalMs: 30_000 });
	expect(parse({ ...web, health: {} }).config.health).not.toHaveProperty("containerIntervalMs");
});

test.each(["0s", "90s", "10m", "24h", "86400s"])(
	"a bake of %s is applied as it is written, and none where the file says nothing",
	(bake) => {
		expect(parse({ ...web, health: { bake } }).config.health).toMatchObject({ bake });
		expect(parse({ ...web, health: {} }).config.health).not.toHaveProperty("bake");
	},
);
test("the header that names the release is lower-cased, as header names compare", () => {
	expect(parse({ ...web, health: { releaseHeader: "X-Release" } }).config.health).toMatchObject({ releaseHeader: "x-release" });
	expect(parse({ ...web, health: {} }).config.health).not.toHaveProperty("releaseHeader");
});

test.each([
	...["Connection", "keep-alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Proxy-Authenticate"],
	...["Content-Length", "Set-Cookie", "Location", "Cache-Control", "ETag", "Age", "Via", "Server", "Access-Control-Allow-Origin"],
	...["Strict-Transport-Security", "X-Accel-Redirect", "X-Sendfile", "Sec-WebSocket-Accept", "Host", "Authorization"],
])("health.releaseHeader cannot be %s, which others act on", (releaseHeader) => {
	expect(problems({ ...web, health: { releaseHeader } })).toEqual([
		`health.releaseHeader: got "${releaseHeader}", which has a meaning of its own on the way to the app; choose a name that nobody else uses, e.g. X-Release`,
	]);
});

test.each([
	[{ health: { retires: 3 } }, "health.retires: unknown key; did you mean retries?"],
	[{ health: { retries: 0 } }, "health.retries: got 0, allowed 1-20"],
	[{ health: { retries: 21 } }, "health.retries: got 21, allowed 1-20"],
	[{ health: { retries: 1.5 } }, "health.retries: got 1.5, expected a whole number 1-20"],
	[{ health: { retries: 1e300 } }, "health.retries: got 1e+300, expected a whole number 1-20"],
	[{ health: { intervalMs: 99 } }, "health.intervalMs: got 99, allowed 100-60000"],
	[{ health: { bake: 600 } }, "health.bake: got 600, expected a duration such as 90s, 10m or 2h"],
	[{ health: { bake: "10 min" } }, 'health.bake: got "10 min", expected a duration such as 90s, 10m or 2h'],
	[{ health: { bake: "-1s" } }, 'health.bake: got "-1s", expected a duration such as 90s, 10m or 2h'],
	[{ health: { bake: "1.5h" } }, 'health.bake: got "1.5h", expected a duration such as 90s, 10m or 2h'],
	[{ health: { bake: "1d" } }, 'health.bake: got "1d", expected a duration such as 90s, 10m or 2h'],
	[{ health: { bake: "25h" } }, 'health.bake: got "25h", allowed 0s to 24h'],
	[{ health: { bake: "86401s" } }, 'health.bake: got "86401s", allowed 0s to 24h'],
	[{ health: { containerIntervalMs: 99 } }, "health.containerIntervalMs: got 99, allowed 100-3600000"],
	[{ health: { containerIntervalMs: 3_600_001 } }, "health.containerIntervalMs: got 3600001, allowed 100-3600000"],
	[{ health: { containerIntervalMs: "2s" } }, 'health.containerIntervalMs: got "2s", expected a whole number 100-3600000'],
	[{ health: { containerIntervalMS: 2000 } }, "health.containerIntervalMS: unknown key; did you mean containerIntervalMs?"],
	[{ health: { timeoutMs: 60001 } }, "health.timeoutMs: got 60001, allowed 100-60000"],
	[{ health: { path: "healthz" } }, 'health.path: got "healthz", expected a path that starts with /, e.g. /healthz'],
	[{ health: { path: "//evil.example/x" } }, 'health.path: got "//evil.example/x", expected a path that starts with one /'],
	[{ health: { path: "/a#b" } }, 'health.path: got "/a#b", expected a path without a fragment (#)'],
	[{ health: { path: "/a/../b" } }, 'health.path: got "/a/../b", expected a path without . and .. parts'],
	[
		{ health: { path: "/$(id)" } },
		'health.path: got "/$(id)", expected letters, digits and - . _ ~ / ? = & : @ + , with anything else percent-encoded',
	],
	[{ health: { path: `/${"a".repeat(512)}` } }, `health.path: got "/${"a".repeat(58)}…", expected at most 512 characters`],
	...["", " X-Release", "X Release", "X-Release:", "X_Release", "-x", "x-", "1x", "x\r\nEvil: 1", "x\u0000", "é", "__proto__"].map(
		(releaseHeader): [object, string] => [
			{ health: { releaseHeader } },
			`health.releaseHeader: got ${JSON.stringify(releaseHeader)}, expected a header name of letters, digits and -, beginning with a letter, e.g. X-Release`,
		],
	),
	[{ health: { releaseHeader: "x".repeat(65) } }, `health.releaseHeader: got "${"x".repeat(59)}…", expected at most 64 characters`],
	[{ health: { releaseHeader: true } }, "health.releaseHeader: got true, expected the name of a response header"],
	[{ health: { releaseheader: "x" } }, "health.releaseheader: unknown key; did you mean releaseHeader?"],
	[{ health: true }, 'health: got true, expected an object: {"path": "/healthz"}'],
	[{ health: null }, 'health: got null, expected an object: {"path": "/healthz"}'],
	[{ port: "80" }, 'port: got "80", expected a whole number 1-65535'],
	[{ port: 0 }, "port: got 0, allowed 1-65535"],
	[{ port: null }, "port: got null, expected a whole number 1-65535"],
	[{ prot: 80 }, "prot: unknown key; did you mean port?"],
	[{ zzz: 80 }, "zzz: unknown key"],
	[{ rollback: "yes" }, 'rollback: got "yes", allowed false, true or "auto"'],
	[{ workload: "site" }, 'workload: got "site", allowed "web" or "worker"'],
	[{ version: 3 }, "version: got 3, allowed the number 2"],
	[{ version: "2" }, 'version: got "2", allowed the number 2'],
	[{ version: undefined }, 'version: missing; add "version": 2'],
	[
		{ version: 1 },
		'version: got 1, allowed 2; write "version": 2 and correct every field that is then named: the project-config guide describes them all',
	],
	[{ name: undefined }, "name: missing, expected 1-80 characters"],
	[{ name: "  " }, 'name: got "  ", expected 1-80 characters'],
	[{ name: "a".repeat(81) }, `name: got "${"a".repeat(59)}…", expected 1-80 characters`],
	[{ name: "a\u202eb\n" }, 'name: got "a\\u{202e}b\\n", expected no control or invisible characters'],
	[{ domains: {} }, "domains.prod: missing, expected a host name such as app.example.com"],
	[{ domains: "hello.test" }, 'domains: got "hello.test", expected an object: {"prod": "app.example.com"}'],
	[{ domains: { prod: "a.test", custum: [] } }, "domains.custum: unknown key; did you mean custom?"],
	[{ domains: { prod: "a.test", custom: "b.test" } }, 'domains.custom: got "b.test", expected a list of host names: ["www.example.com"]'],
	[
		{ mounts: [{ volumeName: "/var/run", mountPath: "/x" }] },
		'mounts[0].volumeName: got "/var/run", expected the name of a volume: only named volumes can be mounted, never a host path',
	],
	[
		{ mounts: [{ volumeName: "./x", mountPath: "/x" }] },
		'mounts[0].volumeName: got "./x", expected the name of a volume: only named volumes can be mounted, never a host path',
	],
	[
		{ mounts: [{ volumeName: "a b", mountPath: "/x" }] },
		'mounts[0].volumeName: got "a b", expected a volume name of 2-128 letters, digits, _ . - with a letter or digit first',
	],
	[
		{ mounts: [{ volumeName: "data", mountPath: "/" }] },
		'mounts[0].mountPath: got "/", the root folder cannot be a mount: name a folder, e.g. /data',
	],
	[
		{ mounts: [{ volumeName: "data", mountPath: "//" }] },
		'mounts[0].mountPath: got "//", the root folder cannot be a mount: name a folder, e.g. /data',
	],
	[
		{ mounts: [{ volumeName: "data", mountPath: "data" }] },
		'mounts[0].mountPath: got "data", expected an absolute path inside the container, e.g. /data',
	],
	[{ mounts: [{ volumeName: "data", mountPath: "/a/../b" }] }, 'mounts[0].mountPath: got "/a/../b", expected a path without ..'],
	[
		{ mounts: [{ volumeName: "data", mountPath: "/a:ro" }] },
		'mounts[0].mountPath: got "/a:ro", expected a path without : , { } \\ and control characters',
	],
	[
		{ mounts: [{ volumeName: "data", mountPath: "/{{.Node.ID}}" }] },
		'mounts[0].mountPath: got "/{{.Node.ID}}", expected a path without : , { } \\ and control characters',
	],
	[{ mounts: [{ volumeName: "data", mountPath: "/proc/x" }] }, 'mounts[0].mountPath: got "/proc/x", /proc, /sys and /dev cannot be mounts'],
	[
		{
			mounts: [
				{ volumeName: "aa", mountPath: "/d" },
				{ volumeName: "bb", mountPath: "/d/" },
			],
		},
		'mounts[1].mountPath: got "/d", which is the path of mounts[0] too: give each volume a path of its own',
	],
	[{ mounts: [{ hostPath: "/etc", volumeName: "aa", mountPath: "/d" }] }, "mounts[0].hostPath: unknown key"],
	[{ mounts: {} }, 'mounts: got an object, expected a list: [{"volumeName": "data", "mountPath": "/data"}]'],
	[{ resources: { cpu: 0 } }, "resources.cpu: got 0, allowed 0.01-256"],
	[{ resources: { cpu: "1" } }, 'resources.cpu: got "1", expected a number 0.01-256'],
	[{ resources: { memoryMb: 5 } }, "resources.memoryMb: got 5, allowed 6-4194304"],
	[{ resources: { memory: 5 } }, "resources.memory: unknown key; did you mean memoryMb?"],
	[{ replicas: 101 }, "replicas: got 101, allowed 1-100"],
	[{ build: { dockerfile: "/Dockerfile" } }, `build.dockerfile: got "/Dockerfile", expected a path relative to the repository's root`],
	[{ build: { dockerfile: "a/../../Dockerfile" } }, 'build.dockerfile: got "a/../../Dockerfile", which leads out of the repository'],
	[{ build: { dockerfile: "docker/" } }, 'build.dockerfile: got "docker/", expected the path of a file'],
	[
		{ build: { dockerfile: "a\\b" } },
		'build.dockerfile: got "a\\\\b", expected a path with / between folders, without \\ and control characters',
	],
	[{ build: { context: ".." } }, 'build.context: got "..", which leads out of the repository'],
	[{ build: { context: "" } }, `build.context: got "", expected a path relative to the repository's root`],
	[
		{ build: { context: "https://example.com/x" } },
		'build.context: got "https://example.com/x", expected a path in the repository, not an address or a drive',
	],
	[
		{ build: { context: "a\0b" } },
		'build.context: got "a\\u0000b", expected a path with / between folders, without \\ and control characters',
	],
	[{ build: { args: { "A-B": "x" } } }, "build.args.A-B: names of build arguments are letters, digits and _, no digit first"],
	[{ build: { args: { TOKEN: 12345678 } } }, "build.args.TOKEN: got a number, expected a string"],
	[{ build: { args: ["A=b"] } }, "build.args: got a list, expected an object"],
	[{ migrations: "db/*" }, 'migrations: got "db/*", expected a list of globs: ["db/migrate/*.rb"]'],
	[{ migrations: ["../*.sql"] }, 'migrations[0]: got "../*.sql", which leads out of the repository'],
	[{ migrations: ["/db/*.sql"] }, `migrations[0]: got "/db/*.sql", expected a path relative to the repository's root`],
	[{ migrations: ["+(a+)+b"] }, 'migrations[0]: got "+(a+)+b", expected a glob of * ** ? [ ] { } without ( ) | !'],
	[{ migrations: ["*a".repeat(9)] }, `migrations[0]: got "${"*a".repeat(9)}", expected at most 8 wildcards`],
	[{ migrations: ["{a,a}".repeat(7)] }, `migrations[0]: got "${"{a,a}".repeat(7)}", expected at most 100 alternatives in braces`],
	[
		{ migrations: ["{a,a}".repeat(40)] },
		`migrations[0]: got "${"{a,a}".repeat(12).slice(0, 59)}…", expected at most 100 alternatives in braces`,
	],
	[{ migrations: ["{a,b"] }, 'migrations[0]: got "{a,b", expected a } after its {'],
	[{ migrations: ["a,b}"] }, 'migrations[0]: got "a,b}", expected a { before its }'],
	[{ migrations: ["{1..3}.sql"] }, 'migrations[0]: got "{1..3}.sql", expected a comma in braces: {a,b}'],
	[{ migrations: ["[a.sql"] }, 'migrations[0]: got "[a.sql", expected a ] after its ['],
	[{ migrations: ["[z-a].sql"] }, 'migrations[0]: got "[z-a].sql", expected ranges in [ ] that run forwards'],
	[
		{ migrations: Array.from({ length: 10 }, (_, index) => `{a,b,c,d,e,f,g,h,i,j}{0,1,2,3,4,5,6,7,8,9}${index}${"x".repeat(100)}`) },
		"migrations: 103000 characters with every alternative written out, allowed 32768",
	],
])("%j: %s", (fields, expected) => {
	expect(problems({ ...web, ...fields })).toEqual([expected]);
});

test.each([
	[
		{ ...worker, workload: "worker", port: "x", domains: {} },
		['port: a worker has none; remove it, or set workload to "web"', 'domains: a worker has none; remove it, or set workload to "web"'],
	],
	[{ ...worker, port: 80 }, ["domains.prod: missing, a web application needs a host name"]],
	[{ ...worker, domains: { prod: "a.test" } }, ["port: missing, a web application needs the port its container listens on (1-65535)"]],
	[
		{ ...worker, workload: "web" },
		[
			"port: missing, a web application needs the port its container listens on (1-65535)",
			"domains.prod: missing, a web application needs a host name",
		],
	],
])("what does not fit together in %j", (file, expected) => {
	expect(problems(file)).toEqual(expected);
});

test("all problems are told at once, also those of different kinds", () => {
	const file = { version: 1, name: "", workload: "web", prot: 80, health: { retires: 1, retries: 0 }, replicas: -1 };
	expect(problems(file).map((line) => line.replace(/:.*/, ""))).toEqual([
		"version",
		"name",
		"health.retries",
		"health.retires",
		"replicas",
		"prot",
		"port",
		"domains.prod",
	]);
});

test("a flood of problems is cut", () => {
	const file = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`odd${index}`, 1]));
	const lines = problems({ ...web, ...file });
	expect(lines).toHaveLength(31);
	expect(lines.at(-1)).toBe("and 70 more");
});

test("however long and deep it is what is wrong, it is told in a few kilobytes", () => {
	const long = "k".repeat(3000);
	const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ [long]: inner }), {});
	const twice = JSON.stringify({ database: deep }).replace("{}", `{"${long}":1,"${long}":2,"__proto__":3}`);
	expect(() => parseProjectFile(twice)).toThrow(/^database\["kkk[^\n]{180,200}…: stands here a second time/);
	const custom = Array.from({ length: 30 }, (_, index) => `${"x".repeat(500)}${index}`);
	const lines = problems({ ...web, domains: { prod: "a.test", custom } });
	expect(lines.join("\n").length).toBeLessThan(3100);
	expect(lines.at(-1)).toBe(`and ${31 - lines.length} more`);
});

test.each([
	[Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`A${index}`, "s3cret"])), "build.args: got 101 arguments, allowed 100"],
	[{ A: "s3cret".repeat(6000) }, "build.args: got 36001 characters in all, allowed 32768"],
])("build arguments have a bound, and no value of theirs is told", (args, expected) => {
	expect(problems({ ...web, build: { args } })).toEqual([expected]);
});

test("hostile keys and values are escaped and cut", () => {
	expect(problems({ ...web, "\u001b[31m\n\u202eevil": 1, workload: `\u200b${"x".repeat(1000)}` })).toEqual([
		`workload: got "\\u{200b}${"x".repeat(58)}…", allowed "web" or "worker"`,
		'["\\u001b[31m\\n\\u{202e}evil"]: unknown key',
	]);
});

test("fields of hosted deploymill are listed and warned of, whatever is in them", () => {
	const { config, ignored, warnings } = parse({ ...web, secrets: { KEY: "hunter22" }, database: "postgres" });
	expect(ignored).toEqual(["database", "secrets"]);
	expect(warnings).toEqual([
		"database: a field of hosted deploymill, which this server does not manage; ignored",
		"secrets: a field of hosted deploymill, which this server does not manage; ignored",
	]);
	expect(JSON.stringify(config)).not.toContain("hunter22");
});

test.each([
	[{ ...web, domains: { prod: "a.test", custom: ["A.test", "b.test"] } }, ['domains: "a.test" is given more than once; used once']],
	[
		{ ...worker, rollback: "auto", health: {} },
		[
			'rollback: "auto" never fires for a worker, which has no domain to probe; rollback points are recorded',
			"health: a worker has no port to probe; its health is not judged and the orchestrator gate stays off",
		],
	],
	[
		{ ...web, health: { retries: 20, timeoutMs: 60000 } },
		["health: an endpoint that hangs is judged only after 1260 s (retries x (timeoutMs + intervalMs))"],
	],
	[
		{ ...web, health: { containerIntervalMs: 600_000 } },
		[
			"health.containerIntervalMs: a version that never becomes healthy is refused only after 1825 s (the start period, then retries x (containerIntervalMs + timeoutMs))",
		],
	],
	[
		{ ...web, replicas: 2, mounts: [{ volumeName: "data", mountPath: "/d" }] },
		["replicas: 2 containers share the volumes of mounts; on several nodes each node has a volume of its own"],
	],
	[
		{ ...web, migrations: ["db/migrate"] },
		['migrations: "db/migrate" matches a single file; for all files of a folder write "db/migrate/"'],
	],
])("%j is taken with a warning", (file, expected) => {
	expect(parse(file).warnings).toEqual(expected);
});
