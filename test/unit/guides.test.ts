import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseProjectFile } from "../../src/config/project.ts";
import { settingNames } from "../../src/config/settings-schema.ts";
import { errorCodes } from "../../src/errors.ts";
import { catalogue } from "../../src/mcp/catalogue.ts";
import { deploymentOutput } from "../../src/mcp/fields.ts";
import { guidePages } from "../../src/mcp/guides.ts";
import type { AutoRollback, DeploymentKind, Outcome } from "../../src/model/deployment.ts";
import { phases } from "../../src/model/deployment.ts";
import type { EventName } from "../../src/model/event.ts";
import type { BakeState, ConfirmState } from "../../src/model/probation.ts";
import { releaseEnvVar } from "../../src/model/release-env.ts";

const root = new URL("../../", import.meta.url);
const guideNames = guidePages.map(({ name }) => name);
const mostBytes = 16 * 1024;

/** Types leave nothing to read at run time; `satisfies` makes a word that is renamed or added fail the type check. */
const kinds = Object.keys({ deploy: 0, rollback: 0, auto_rollback: 0, adopted: 0 } satisfies Record<DeploymentKind, 0>);
const reasons = Object.keys({ no_rollback_point: 0, partial_outage: 0, inconclusive: 0, swap_failed: 0, not_confirmed: 0 } satisfies Record<
	NonNullable<AutoRollback["reason"]>,
	0
>);
const probationStates = Object.keys({
	...({ running: 0, passed: 0, failed: 0, cut_short: 0, unobserved: 0 } satisfies Record<BakeState, 0>),
	...({ awaiting: 0, confirmed: 0, expired: 0, superseded: 0 } satisfies Record<ConfirmState, 0>),
});
const laterEvents = Object.keys({ bake_failed: 0, confirmation_expired: 0 } satisfies Record<Exclude<EventName, Outcome>, 0>);
const outcomes: string[] = deploymentOutput.shape.outcome.unwrap().options;
const tools = catalogue(false).map(({ name }) => name);

test("every guide that is served is a file, and every file is served", () => {
	const files = readdirSync(new URL("guides/", root)).map((file) => file.replace(/\.md$/, ""));
	expect(files.sort()).toEqual(guideNames.toSorted());
});

describe.each(guideNames)("the guide %s", (name) => {
	const guide = readGuide(name);
	const code = codeIn(guide);

	test("is a page with a title, and not too long to be read in one go", () => {
		expect(guide).toMatch(/^# \S/);
		expect(guide.length).toBeGreaterThan(1000);
		expect(Buffer.byteLength(guide)).toBeLessThan(mostBytes);
	});

	test("names only tools, error codes, outcomes, reasons, kinds and phases that there are", () => {
		const known = new Set([...tools, ...errorCodes, ...outcomes, ...reasons, ...kinds, ...phases, ...probationStates, ...laterEvents]);
		expect(code.flatMap(snakeCaseWords).filter((word) => !known.has(word))).toEqual([]);
	});

	test("names only settings that there are, and the one env var that apps are given", () => {
		const named = [...guide.matchAll(/DEPLOYMILL_[A-Z_]*[A-Z]/g)].map(([word]) => word);
		const known: readonly string[] = [...settingNames, releaseEnvVar];
		expect(named.filter((word) => !known.includes(word))).toEqual([]);
	});

	test("names only fields that the code has", () => {
		const words = sourceWords();
		expect(code.flatMap(camelCaseWords).filter((word) => !words.has(word))).toEqual([]);
	});

	test("points only at guides that there are", () => {
		const named = [...guide.matchAll(/deploymill:\/\/guides\/([a-z-]+)/g)].map(([, page = ""]) => page);
		expect(named.filter((page) => !guideNames.includes(page))).toEqual([]);
	});
});

test("troubleshooting has a section for every error code, in the catalogue's order, and for no other", () => {
	const sections = [...readGuide("troubleshooting").matchAll(/^### (\S+)\n+(?!#)\S/gm)].map(([, heading]) => heading);
	expect(sections).toEqual(errorCodes);
});

test("the rollback guide has a row or line for every reason, and for each outcome that a revert leads to", () => {
	const guide = readGuide("rollback");
	for (const word of [...reasons, "rolled_back", "degraded", "live_unhealthy", "orchestrator_rolled_back"]) {
		expect(guide).toContain(`\`${word}\``);
	}
});

test("the events guide has every outcome, and every event that comes later", () => {
	const guide = readGuide("events");
	for (const word of [...outcomes, ...laterEvents]) expect(guide).toContain(`\`${word}\``);
});

test("the health block of the health guide is the default one", () => {
	const [, block = ""] = /```json\n([\s\S]*?)```/.exec(readGuide("health")) ?? [];
	const project = { version: 2, name: "hello", port: 8080, domains: { prod: "hello.example.com" } };
	const declared = parseProjectFile(JSON.stringify({ ...project, ...JSON.parse(block) })).config;
	expect(declared.health).toEqual(parseProjectFile(JSON.stringify(project)).config.health);
	expect(declared.healthDeclared).toBe(true);
});

test("the security guide says which tools a read-only server lacks", () => {
	const changing = tools.filter((tool) => !catalogue(true).some(({ name }) => name === tool));
	const sentence = /Let the client ask[\s\S]*?these seven are not there/.exec(readGuide("security"))?.[0] ?? "";
	expect(changing).toHaveLength(7);
	expect(codeIn(sentence).filter((word) => tools.includes(word))).toEqual(expect.arrayContaining(changing));
});

function readGuide(name: string): string {
	return readFileSync(new URL(`guides/${name}.md`, root), "utf8");
}

/** What stands in backticks on a line. */
function codeIn(guide: string): string[] {
	return [...guide.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

function snakeCaseWords(code: string): string[] {
	return code.match(/(?<![\w./-])[a-z]+(?:_[a-z]+)+(?![\w./-])/g) ?? [];
}

function camelCaseWords(code: string): string[] {
	return code.match(/(?<![\w/-])[a-z]+(?:[A-Z][a-z]+)+(?![\w/-])/g) ?? [];
}

/** Every identifier in the source. `refreshSeconds` is Traefik's. */
function sourceWords(): Set<string> {
	const files = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
	const source = files.map((file) => readFileSync(new URL(`src/${file}`, root), "utf8")).join("\n");
	return new Set([...(source.match(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g) ?? []), "refreshSeconds"]);
}
