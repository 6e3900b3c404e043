import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseProjectFile } from "../../../src/config/project.ts";
import { hostedFields, projectJsonSchema } from "../../../src/config/project-schema.ts";

const guide = readFileSync(new URL("../../../guides/project-config.md", import.meta.url), "utf8");

test("the guide's examples are valid, without a warning", () => {
	const examples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
	expect(examples).toHaveLength(2);
	for (const example of examples) expect(parseProjectFile(example).warnings).toEqual([]);
});

test("the guide names every field", () => {
	const { properties } = projectJsonSchema() as { properties: Record<string, { properties?: object }> };
	for (const field of Object.keys(properties)) expect(guide).toContain(`\`${field}`);
	for (const field of hostedFields) expect(guide).toContain(`\`${field}\``);
	for (const field of Object.keys(properties.health?.properties ?? {})) expect(guide).toContain(`\`health.${field}\``);
});
