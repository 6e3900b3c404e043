import fc from "fast-check";
import { expect, it } from "vitest";
import { type ParsedProject, parseProjectFile } from "../../src/config/project.ts";
import { DeploymillError } from "../../src/errors.ts";
import { holds, inputCount } from "../support/attack-part.ts";
import { hostileString } from "../support/hostile-strings.ts";

/** Bound of an error's message (guides/limits.md). */
const mostChars = 4000;
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;

/** Every field, each with a value that is allowed. */
const whole = {
	$schema: "x",
	version: 2,
	name: "hello",
	workload: "web",
	port: 3000,
	domains: { prod: "hello.test", custom: ["www.hello.test"] },
	rollback: "auto",
	health: {
		path: "/healthz",
		retries: 3,
		intervalMs: 1000,
		timeoutMs: 1000,
		bake: "90s",
		releaseHeader: "x-release",
		containerIntervalMs: 1000,
	},
	mounts: [{ volumeName: "data", mountPath: "/data" }],
	resources: { cpu: 0.5, memoryMb: 128 },
	replicas: 2,
	build: { dockerfile: "Dockerfile", context: ".", args: { A: "1" } },
	migrations: ["db/*.sql"],
	database: {},
};

/** Places of the file, as paths, and some that it does not have. */
const more = [["unknown"], ["health", "bake"], ["health", "releaseHeader"], ["build", "args", "B"], ["domains", "other"]];
const places = [...placesIn(whole), ...more];

const scalar: fc.Arbitrary<unknown> = fc.oneof(
	hostileString,
	fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, -0, [], {}),
	fc.constantFrom("0x7f.1", "a.test", "*.test", "/x", "v", "24h", "0s", "99999h", "auto", "worker"),
	fc.integer(),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
	{ weight: 6, arbitrary: scalar },
	{ weight: 1, arbitrary: fc.array(scalar, { maxLength: 200, size: "large" }) },
	{ weight: 1, arbitrary: fc.dictionary(hostileString, scalar, { maxKeys: 20, noNullPrototype: true }) },
	{ weight: 1, arbitrary: fc.constant(undefined) },
);

/** A file with up to five fields changed, taken away or added. */
const files = fc
	.array(fc.tuple(fc.constantFrom(...places), value), { minLength: 1, maxLength: 5 })
	.map((changes) => JSON.stringify(changes.reduce<unknown>((file, [place, item]) => withItem(file, place, item), whole)) ?? "");

it("Generated project files are read, or refused by place in bounded words that hide nothing", async () => {
	let read = 0;
	const check = (text: string) => {
		const result = readOrRefuse(text);
		if (!(result instanceof DeploymillError)) {
			read++;
			return;
		}
		expect(result.code).toBe("project_file_invalid");
		expect(result.message.length).toBeLessThanOrEqual(mostChars);
		expect(unseen.exec(result.message)?.[0]).toBeUndefined();
	};
	await holds("project files", files, check, inputCount({ quick: 1000, whole: 20_000 }));
	// Legal ones were among them, or nothing but refusals was tried.
	expect(read).toBeGreaterThan(0);
});

function readOrRefuse(text: string): ParsedProject | DeploymillError {
	try {
		return parseProjectFile(text);
	} catch (error) {
		if (error instanceof DeploymillError) return error;
		throw error;
	}
}

function placesIn(item: unknown, path: string[] = []): string[][] {
	if (item === null || typeof item !== "object") return [path];
	return [...(path.length > 0 ? [path] : []), ...Object.entries(item).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function withItem(file: unknown, [key = "", ...rest]: string[], item: unknown): unknown {
	if (file === null || typeof file !== "object") return file;
	const isNew = rest.length === 0 && !Object.hasOwn(file, key);
	const entries: [string, unknown][] = [...Object.entries(file), ...(isNew ? [[key, item] as [string, unknown]] : [])];
	const kept = entries.filter(([name]) => name !== key || rest.length > 0 || item !== undefined);
	const changed = kept.map(
		([name, inner]) => [name, name === key ? (rest.length > 0 ? withItem(inner, rest, item) : item) : inner] as const,
	);
	return Array.isArray(file) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}
