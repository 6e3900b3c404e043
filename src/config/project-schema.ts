// States the schema of .deploymill/project.json: what is taken, how it is described to people and editors, and the defaults.
import { z } from "zod";
import { parseBakeTime } from "./bake-time.ts";
import { parseMountPath, parseVolumeName } from "./container-path.ts";
import { parseDomainName } from "./domain-name.ts";
import { globMatcher } from "./glob.ts";
import { parseReleaseHeader } from "./header-name.ts";
import { parseHealthPath } from "./health-path.ts";
import { parsed, refused } from "./parsed.ts";
import { decimalNumber, list, section, wholeNumber } from "./project-fields.ts";
import { parseProjectName } from "./project-name.ts";
import { kindOf, quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";
import { parseFile, parseFolder, parseGlob } from "./repository-path.ts";
import { wellKnownMigrations } from "./schema-migrations.ts";

/** Fields of hosted deploymill that this server does not manage. */
export const hostedFields = ["database", "storage", "previews", "secrets", "schedules", "protection", "source"] as const;

const domainName = parsed(parseDomainName, "a host name such as app.example.com");

const domains = section(
	{
		prod: domainName.describe("Main host name, e.g. app.example.com."),
		custom: list(domainName, 100, 'a list of host names: ["www.example.com"]')
			.prefault([])
			.describe("Further host names of the same application."),
	},
	'an object: {"prod": "app.example.com"}',
).describe("Host names users reach the application at. Needed for a web application; a worker has none.");

const health = section(
	{
		path: parsed(parseHealthPath, "a path that starts with /")
			.prefault("/healthz")
			.describe("Path that answers 200 when the application is well. With / any answer but 502, 503 and 504 passes."),
		retries: wholeNumber(1, 20).default(3).describe("How many answers in a row decide, either way."),
		intervalMs: wholeNumber(100, 60_000).default(3000).describe("Milliseconds between two probes."),
		timeoutMs: wholeNumber(100, 60_000).default(5000).describe("Milliseconds until a probe counts as failed."),
		bake: parsed(parseBakeTime, "a duration such as 90s, 10m or 2h")
			.optional()
			.describe("How long a live release is watched on after its gate, 0s to 24h: 90s, 10m, 2h. Default: 0s, not at all."),
		containerIntervalMs: wholeNumber(100, 3_600_000)
			.optional()
			.describe("Milliseconds between two questions that a started container asks itself. Default: intervalMs, and at least 2000."),
		releaseHeader: parsed(parseReleaseHeader, "the name of a response header")
			.optional()
			.describe("Response header in which the health endpoint gives the value of the env var DEPLOYMILL_RELEASE. Only such answers count."),
	},
	'an object: {"path": "/healthz"}',
).describe(
	"How the application is asked whether it is well. Giving the block also makes Swarm check new containers before they get traffic.",
);

const mount = section(
	{
		volumeName: parsed(parseVolumeName, "the name of a volume").describe(
			"Name of a Docker volume. A folder of the host cannot be mounted.",
		),
		mountPath: parsed(parseMountPath, "an absolute path inside the container").describe("Absolute path inside the container, not /."),
	},
	'an object: {"volumeName": "data", "mountPath": "/data"}',
);

const resources = section(
	{
		cpu: decimalNumber(0.01, 256).optional().describe("CPUs a container may use, e.g. 0.5."),
		memoryMb: wholeNumber(6, 4_194_304).optional().describe("Megabytes of memory a container may use. Docker's least is 6."),
	},
	'an object: {"cpu": 0.5, "memoryMb": 256}',
).describe("Limits of every container.");

const buildArguments = z
	.record(
		z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
		// A value may be a secret: only its kind is shown.
		z.string({ error: ({ input }) => `got ${kindOf(input)}, expected a string` }),
		{
			error: ({ code, input }) =>
				code === "invalid_key"
					? "names of build arguments are letters, digits and _, no digit first"
					: `got ${quote(input)}, expected an object`,
		},
	)
	.superRefine(refuseTooManyArguments)
	.default({})
	.describe("Build arguments. They can be read from the image: no place for secrets.");

/** They travel in the address of one request to the engine. */
const mostArguments = 100;
const mostArgumentCharacters = 32_768;

const build = section(
	{
		dockerfile: parsed(parseFile, "the path of a file in the repository")
			.prefault("Dockerfile")
			.describe("Dockerfile, relative to the repository's root."),
		context: parsed(parseFolder, "the path of a folder in the repository")
			.prefault(".")
			.describe("Build context, relative to the repository's root."),
		args: buildArguments,
	},
	'an object: {"dockerfile": "Dockerfile"}',
).describe("How the image is built.");

const hosted = z.unknown().optional().describe("Field of hosted deploymill. Accepted and ignored by this server.");

/** Field by field; what one field means for another is in project-rules.ts. */
export const projectSchema = section(
	{
		$schema: z
			.string({ error: refused("expected the address of a JSON Schema") })
			.optional()
			.describe("For editors; ignored."),
		version: z.literal(2, { error: ({ input }) => wrongVersion(input) }).describe("Version of this file's format."),
		name: parsed(parseProjectName, "1-80 characters")
			.meta({ minLength: 1, maxLength: 80 })
			.describe("Name of the project. The application's id is made from it when it is first registered, and stays."),
		workload: z
			.enum(["web", "worker"], { error: refused('allowed "web" or "worker"') })
			.optional()
			.describe("web: has a port and domains. worker: has neither. Default: web when port or domains is given, else worker."),
		port: wholeNumber(1, 65_535).optional().describe("Port the container listens on. Needed for a web application; a worker has none."),
		domains: domains.optional(),
		rollback: z
			.union([z.boolean(), z.literal("auto")], { error: refused('allowed false, true or "auto"') })
			.default(false)
			.describe("true: every deploy is pushed and can be gone back to. auto: a deploy that comes up unhealthy is also reverted by itself."),
		health: health.prefault({}),
		mounts: list(mount, 50, 'a list: [{"volumeName": "data", "mountPath": "/data"}]')
			.superRefine(refuseRepeatedPaths)
			.prefault([])
			.describe("Named volumes."),
		resources: resources.prefault({}),
		replicas: wholeNumber(1, 100).default(1).describe("How many containers run side by side."),
		build: build.prefault({}),
		migrations: list(parsed(parseGlob, "a glob"), 50, 'a list of globs: ["db/migrate/*.rb"]')
			.superRefine(refuseTooManyAlternatives)
			.prefault([...wellKnownMigrations])
			.describe(
				"Files that change the database's schema. A rollback past such a change is refused. Default: the usual folders of many frameworks.",
			),
		...(Object.fromEntries(hostedFields.map((field) => [field, hosted])) as Record<(typeof hostedFields)[number], typeof hosted>),
	},
	'an object: {"version": 2, "name": "hello"}',
).meta({
	title: "deploymill project",
	description: "What .deploymill/project.json may hold.",
	dependentRequired: { port: ["domains"], domains: ["port"] },
	allOf: [
		{ anyOf: [{ not: givenWorkload("web") }, { required: ["port", "domains"] }] },
		{ anyOf: [{ not: givenWorkload("worker") }, { not: { anyOf: [{ required: ["port"] }, { required: ["domains"] }] } }] },
	],
});

export type Project = z.output<typeof projectSchema>;

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function projectJsonSchema(): Record<string, unknown> {
	return { ...z.toJSONSchema(projectSchema, { target: "draft-2020-12", io: "input" }) };
}

function givenWorkload(workload: string): object {
	return { properties: { workload: { const: workload } }, required: ["workload"] };
}

function refuseRepeatedPaths(mounts: { mountPath: string }[], context: z.RefinementCtx): void {
	mounts.forEach(({ mountPath }, index) => {
		const first = mounts.findIndex((other) => other.mountPath === mountPath);
		if (first < index) {
			const message = `got ${quote(mountPath)}, which is the path of mounts[${first}] too: give each volume a path of its own`;
			context.addIssue({ code: "custom", path: [index, "mountPath"], message });
		}
	});
}

function refuseTooManyArguments(args: Record<string, string>, context: z.RefinementCtx): void {
	const entries = Object.entries(args);
	const characters = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
	if (entries.length > mostArguments) {
		context.addIssue({ code: "custom", message: `got ${entries.length} arguments, allowed ${mostArguments}` });
	} else if (characters > mostArgumentCharacters) {
		context.addIssue({ code: "custom", message: `got ${characters} characters in all, allowed ${mostArgumentCharacters}` });
	}
}

function refuseTooManyAlternatives(globs: string[], context: z.RefinementCtx): void {
	try {
		globMatcher(globs);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		context.addIssue({ code: "custom", message: error.message });
	}
}

function wrongVersion(input: unknown): string {
	if (input === undefined) return 'missing; add "version": 2';
	if (input === 1)
		return 'got 1, allowed 2; write "version": 2 and correct every field that is then named: the project-config guide describes them all';
	return `got ${quote(input)}, allowed the number 2`;
}
