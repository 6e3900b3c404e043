import { expect, test } from "vitest";
import { hostedFields, projectJsonSchema } from "../../../src/config/project-schema.ts";

interface JsonSchema {
	description?: string;
	default?: unknown;
	properties?: Record<string, JsonSchema>;
	items?: JsonSchema;
	additionalProperties?: boolean;
}

const schema = projectJsonSchema() as JsonSchema;

function fieldsOf(node: JsonSchema, path: string): [string, JsonSchema][] {
	const inner = node.items ? fieldsOf(node.items, `${path}[]`) : [];
	const own = Object.entries(node.properties ?? {}).flatMap(([key, field]): [string, JsonSchema][] => [
		[`${path}.${key}`, field],
		...fieldsOf(field, `${path}.${key}`),
	]);
	return [...own, ...inner];
}

test("the JSON Schema is of the draft editors know, and describes every field", () => {
	expect(schema).toMatchObject({
		$schema: "https://json-schema.org/draft/2020-12/schema",
		additionalProperties: false,
		required: ["version", "name"],
	});
	const fields = fieldsOf(schema, "");
	expect(fields.filter(([, field]) => !field.description).map(([path]) => path)).toEqual([]);
	expect(fields.length).toBeGreaterThan(30);
	expect(Object.keys(schema.properties ?? {})).toEqual(expect.arrayContaining([...hostedFields, "$schema"]));
});

test("the JSON Schema tells the defaults and bounds", () => {
	expect(schema).toMatchObject({
		properties: {
			version: { const: 2 },
			name: { minLength: 1, maxLength: 80 },
			port: { type: "integer", minimum: 1, maximum: 65535 },
			rollback: { default: false },
			health: {
				additionalProperties: false,
				properties: {
					path: { default: "/healthz" },
					retries: { default: 3 },
					intervalMs: { default: 3000 },
					timeoutMs: { default: 5000 },
					containerIntervalMs: { type: "integer", minimum: 100, maximum: 3_600_000 },
				},
			},
			mounts: { default: [] },
			build: { properties: { dockerfile: { default: "Dockerfile" }, context: { default: "." } } },
		},
	});
});
