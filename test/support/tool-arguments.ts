// Generates calls of a tool from its own input schema: legal ones, and such that are illegal in one place or in all.
import fc from "fast-check";
import { hostileString } from "./hostile-strings.ts";

export interface GeneratedCall {
	tool: string;
	args: unknown;
	/** Asks for progress notes. */
	progress: boolean;
}

/** The part of JSON Schema that the tools' inputs use. What is not here is refused, so that nothing is left out unseen. */
export interface InputSchema {
	type?: string | string[];
	enum?: unknown[];
	const?: unknown;
	anyOf?: InputSchema[];
	properties?: Record<string, InputSchema>;
	propertyNames?: InputSchema;
	required?: string[];
	additionalProperties?: boolean | InputSchema;
	items?: InputSchema;
	minItems?: number;
	maxItems?: number;
	minLength?: number;
	maxLength?: number;
	minimum?: number;
	maximum?: number;
	pattern?: string;
}

/** Values for a property of this name that mean something to the server: ids that there are, addresses that exist. */
export type Pools = Record<string, fc.Arbitrary<unknown>>;

export interface ListedTool {
	name: string;
	inputSchema: unknown;
}

/** Calls of all tools alike; a few of tools that there are not. */
export function callsOf(tools: ListedTool[], pools: Pools): fc.Arbitrary<GeneratedCall> {
	const known = tools.map(({ name, inputSchema }) => callOf(name, inputSchema as InputSchema, pools));
	const unknown = fc.record({ tool: hostileString, args: fc.constant({}), progress: fc.constant(false) });
	return fc.oneof(...known.map((arbitrary) => ({ weight: 8, arbitrary })), { weight: 1, arbitrary: unknown });
}

function callOf(tool: string, schema: InputSchema, pools: Pools): fc.Arbitrary<GeneratedCall> {
	const legal = legalValue(schema, pools);
	const args = fc.oneof(
		{ weight: 6, arbitrary: legal },
		{ weight: 5, arbitrary: legal.chain((value) => broken(value as Record<string, unknown>, schema)) },
		{ weight: 1, arbitrary: anything },
	);
	return fc.record({ tool: fc.constant(tool), args, progress: fc.boolean() });
}

const anything: fc.Arbitrary<unknown> = fc.oneof(
	hostileString,
	fc.constantFrom<unknown>(null, true, [], {}, 0, -1, 1e308, 2 ** 53, 1.5, -0, nested(300), [[[]]]),
	fc.array(hostileString, { maxLength: 3 }),
	fc.dictionary(hostileString, hostileString, { maxKeys: 3 }),
);

function nested(depth: number): unknown {
	let value: unknown = "deep";
	for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { value };
	return value;
}

/** One place of a legal call is made to miss its schema, or to hold what the schema allows and nobody expects. */
function broken(value: Record<string, unknown>, { properties = {}, required = [] }: InputSchema): fc.Arbitrary<unknown> {
	const names = Object.keys(properties);
	const extra = fc.tuple(hostileString, anything).map(([key, item]) => withKey(value, key, item));
	if (names.length === 0) return extra;
	const name = fc.constantFrom(...names);
	const kinds = [
		extra,
		fc.tuple(name, anything).map(([key, item]) => withKey(value, key, item)),
		fc.tuple(name, hostileString).map(([key, item]) => withKey(value, key, item)),
	];
	if (required.length > 0) kinds.push(fc.constantFrom(...required).map((key) => without(value, key)));
	return fc.oneof(...kinds);
}

/** As JSON.parse does: `__proto__` becomes a key like any other. */
function withKey(value: object, key: string, item: unknown): unknown {
	return Object.fromEntries([...Object.entries(value), [key, item]]);
}

function without(value: object, key: string): unknown {
	return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function legalValue(schema: InputSchema, pools: Pools, name = ""): fc.Arbitrary<unknown> {
	const pool = Object.hasOwn(pools, name) ? pools[name] : undefined;
	if (pool) return fc.oneof({ weight: 9, arbitrary: pool }, { weight: 1, arbitrary: bySchema(schema, pools) });
	return bySchema(schema, pools);
}

function bySchema(schema: InputSchema, pools: Pools): fc.Arbitrary<unknown> {
	if (schema.enum) return fc.constantFrom(...schema.enum);
	if ("const" in schema) return fc.constant(schema.const);
	if (schema.anyOf) return fc.oneof(...schema.anyOf.map((item) => bySchema(item, pools)));
	switch (schema.type) {
		case "object":
			return objectOf(schema, pools);
		case "array":
			return fc.array(bySchema(schema.items ?? { type: "string" }, pools), { minLength: schema.minItems ?? 0, maxLength: 5 });
		case "string":
			return stringOf(schema);
		case "integer":
			return fc.oneof(
				fc.constant(schema.minimum ?? 0),
				fc.integer({ min: schema.minimum ?? -1e9, max: Math.min(schema.maximum ?? 1e9, 1e9) }),
			);
		case "number":
			return fc.double({ min: schema.minimum ?? -1e308, max: schema.maximum ?? 1e308, noNaN: true });
		case "boolean":
			return fc.boolean();
		default:
			throw new Error(`the generator does not know the schema ${JSON.stringify(schema)}`);
	}
}

function objectOf({ properties, required = [], additionalProperties, propertyNames }: InputSchema, pools: Pools): fc.Arbitrary<unknown> {
	if (!properties && typeof additionalProperties === "object") {
		const key = propertyNames ? bySchema(propertyNames, pools) : hostileString;
		return fc.dictionary(key as fc.Arbitrary<string>, bySchema(additionalProperties, pools), { maxKeys: 4, noNullPrototype: true });
	}
	const fields = Object.entries(properties ?? {}).map(([key, item]) => [key, legalValue(item, pools, key)] as const);
	return fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
}

function stringOf({ minLength = 0, maxLength = 200_000, pattern }: InputSchema): fc.Arbitrary<string> {
	if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
	return hostileString.map((text) => (text.length < minLength ? text.padEnd(minLength, "x") : text.slice(0, maxLength)));
}
