import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "../support/test-bed.ts";
import { Wire } from "../support/wire.ts";

const mostBytes = 10 * 1024 * 1024;
const much = "m".repeat(mostBytes);
/** Written with braces, quotes and an id of its own, which are none of the message's. */
const misleading = `{"id": 7, "a": "\\"}{[", "x": "${much}"}`;

describe("A message that is too large", () => {
	let bed: TestBed;
	let wire: Wire;
	let applicationId: string;

	beforeAll(async () => {
		bed = await TestBed.open();
		wire = new Wire(bed.env());
		await wire.greet("2025-11-25");
	});
	afterAll(async () => {
		await wire[Symbol.asyncDispose]();
		await bed.close();
	});

	async function call(name: string, args: object): Promise<{ isError: boolean; content: Record<string, never> }> {
		const { result } = await wire.ask("tools/call", { name, arguments: args });
		return { isError: result.isError ?? false, content: JSON.parse(result.content[0].text) };
	}

	it.for<[string, string, unknown]>([
		["stands last, as the SDK's client writes it", `{"method":"tools/call","params":${misleading},"jsonrpc":"2.0","id":"last"}`, "last"],
		["stands first", `{"jsonrpc":"2.0","id":4711,"method":"tools/call","params":${misleading}}`, 4711],
		["stands last, with spaces", `{ "method" : "x" , "params" : ${misleading} , "id" : 12 } `, 12],
	])("is answered under its id, which %s; calls in flight are answered too, and the session goes on", async ([, line, id]) => {
		const { repoUrl } = await bed.project(`large-${id}`, { fixture: "worker" });
		wire.write(
			JSON.stringify({
				jsonrpc: "2.0",
				id: "in flight",
				method: "tools/call",
				params: { name: "reconcile_project", arguments: { repoUrl } },
			}),
		);
		wire.write(line);
		wire.write(JSON.stringify({ jsonrpc: "2.0", id: "after", method: "ping" }));
		const answers = await wire.readById(3);
		expect(answers.get(id)?.error?.code).toBe(-32_600);
		expect(answers.get(id)?.error?.message).toContain(`${Buffer.byteLength(line)} bytes; allowed are ${mostBytes} bytes`);
		expect(answers.get("after")?.result).toEqual({});
		const inFlight = answers.get("in flight")?.result?.structuredContent;
		expect(inFlight).toMatchObject({ applied: true });
		applicationId = inFlight.applicationId;
	});

	it("is not answered where it asks nothing", async () => {
		wire.write(`{"jsonrpc":"2.0","method":"notifications/x","params":${misleading}}`.replace('"id": 7', '"ie": 7'));
		wire.write(`{"jsonrpc":"2.0","id":1,"result":${misleading}}`);
		expect((await wire.ask("ping")).result).toEqual({});
	});

	it("is answered without an id where it is nothing that can be read", async () => {
		wire.write(`{"oops${much}`);
		const { id, error } = await wire.read();
		expect([id, error?.code]).toEqual([undefined, -32_600]);
		expect((await wire.ask("ping")).result).toEqual({});
	});

	it("is never made by what set_env_vars allows, and its limits say what was given", async () => {
		const name = (at: number) => `V${String(at).padStart(3, "0")}`;
		const set = (count: number, length: number) =>
			Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), "\u0001".repeat(length)]));
		const hundred = await call("set_env_vars", { applicationId, set: set(20, 65_536) });
		expect(hundred).toMatchObject({ isError: true, content: { error: { code: "invalid_input" } } });
		expect(JSON.stringify(hundred.content)).toContain(`got ${20 * (65_536 + 5)} bytes of names and values, allowed are 1048576`);
		const many = await call("set_env_vars", { applicationId, set: set(1_001, 1) });
		expect(JSON.stringify(many.content)).toContain("got 1001 variables, allowed are 1000");
		// The most there can be, each character of it six in JSON.
		const most = set(16, 65_531);
		expect(Buffer.byteLength(JSON.stringify(most))).toBeGreaterThan(6_000_000);
		expect(await call("set_env_vars", { applicationId, set: most })).toMatchObject({ isError: false, content: { set: Object.keys(most) } });
		const more = await call("set_env_vars", { applicationId, set: { W: "x".repeat(30) } });
		expect(JSON.stringify(more.content)).toContain("would have 17 variables of 1048");
		expect((await call("list_env_vars", { applicationId })).content).toMatchObject({ count: 16 });
		expect(await call("set_env_vars", { applicationId, set: { W: "x".repeat(30) }, replace: true })).toMatchObject({ isError: false });
	});

	it.for<[string, string, string]>([
		["half of a character", "\ud800", "half of a surrogate pair"],
		["more than a process is given in one variable", "語".repeat(50_000), "name and value have 150002 bytes, allowed are 131000"],
		["a NUL", "a\0b", "NUL"],
	])("a value with %s is refused", async ([, value, message]) => {
		const { isError, content } = await call("set_env_vars", { applicationId, set: { A: value } });
		expect([isError, JSON.stringify(content)]).toEqual([true, expect.stringContaining(message)]);
	});

	it("a name that every object has is refused or kept, and never lost", async () => {
		const lost = await call("set_env_vars", JSON.parse(`{"applicationId": "${applicationId}", "set": {"__proto__": "x", "A": "1"}}`));
		expect(JSON.stringify(lost.content)).toContain("set.__proto__: nothing can have this name");
		const names = ["constructor", "hasOwnProperty", "toString", "valueOf"];
		const kept = await call("set_env_vars", { applicationId, set: Object.fromEntries(names.map((name) => [name, name])), replace: true });
		expect(kept.content).toMatchObject({ set: names });
		expect((await call("list_env_vars", { applicationId })).content).toMatchObject({ names });
	});

	it("a message that has another form is answered under its id", async () => {
		wire.write('{"jsonrpc":"2.0","id":"odd","method":"ping","params":7}');
		expect(await wire.read()).toMatchObject({ id: "odd", error: { code: -32_600 } });
	});

	it("the server leaves as always", async () => {
		expect(await wire.leave()).toMatchObject({ code: 0 });
	});
});
