import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { SqliteStore } from "../../../src/adapters/sqlite/store.ts";
import { config, DataFolder, inProcesses, register } from "./data-folder.ts";

const secret = "correct-horse-battery-staple";

function withEnv(data: DataFolder, set: Record<string, string> = { A: secret }): SqliteStore {
	const store = data.open();
	register(store);
	store.changeEnv("hello", { set, unset: [], replace: false });
	return store;
}

test("a value is in no file of the data folder as it is, and comes back as it was", () => {
	using data = new DataFolder();
	const store = withEnv(data, { A: secret, B: "ünïcode 😀\n", C: "" });
	for (const file of readdirSync(data.folder)) {
		const bytes = readFileSync(join(data.folder, file));
		for (const form of [secret, Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("hex")]) {
			expect([file, bytes.includes(form)]).toEqual([file, false]);
		}
	}
	expect(data.open().readEnv("hello")).toEqual({ A: secret, B: "ünïcode 😀\n", C: "" });
	expect(store.listEnvNames("hello")).toEqual(["A", "B", "C"]);
});

test("every value that is set or read is told to who masks", () => {
	using data = new DataFolder();
	withEnv(data);
	expect(data.secrets).toContain(secret);
	data.secrets.length = 0;
	data.open().readEnv("hello");
	expect(data.secrets).toEqual([secret]);
});

test("the same value twice looks different at rest", () => {
	using data = new DataFolder();
	withEnv(data, { A: secret, B: secret });
	const sqlite = new DatabaseSync(data.databaseFile);
	const [a, b] = sqlite.prepare("SELECT sealed FROM env_vars ORDER BY name").all();
	expect(a).not.toEqual(b);
	sqlite.close();
});

const refused = expect.objectContaining({
	code: "internal",
	message: expect.stringMatching(/^The env value of hello\/A cannot be decrypted with the key in /),
});

test.each<[string, (bytes: Buffer) => Buffer]>([
	["its nonce", (bytes) => flip(bytes, 0)],
	["its tag", (bytes) => flip(bytes, 12)],
	["its text", (bytes) => flip(bytes, bytes.length - 1)],
	["its end cut off", (bytes) => bytes.subarray(0, -1)],
	["all but a short tag cut off", (bytes) => bytes.subarray(0, 16)],
	["all but half a nonce cut off", (bytes) => bytes.subarray(0, 5)],
	["nothing left", () => Buffer.alloc(0)],
	["more at the end", (bytes) => Buffer.concat([bytes, Buffer.from("x")])],
])("a value tampered with is refused: %s", (_name, tamper) => {
	using data = new DataFolder();
	const store = withEnv(data);
	const sqlite = new DatabaseSync(data.databaseFile);
	const row = sqlite.prepare("SELECT sealed FROM env_vars").get() as { sealed: Uint8Array };
	sqlite.prepare("UPDATE env_vars SET sealed = ?").run(tamper(Buffer.from(row.sealed)));
	sqlite.close();
	expect(() => store.readEnv("hello")).toThrow(refused);
});

function flip(bytes: Buffer, index: number): Buffer {
	const copy = Buffer.from(bytes);
	copy[index] = (copy[index] ?? 0) ^ 1;
	return copy;
}

test("a value put under another name is refused", () => {
	using data = new DataFolder();
	const store = withEnv(data, { B: secret });
	const sqlite = new DatabaseSync(data.databaseFile);
	sqlite.exec("UPDATE env_vars SET name = 'A'");
	sqlite.close();
	expect(() => store.readEnv("hello")).toThrow(refused);
});

test("another key is refused, and setting the variable again is the cure that the hint says it is", () => {
	using data = new DataFolder();
	withEnv(data, { A: secret, B: "other-value" });
	rmSync(data.keyFile);
	const store = data.open();
	expect(() => store.readEnv("hello")).toThrow(refused);
	expect(store.changeEnv("hello", { set: { A: secret }, unset: ["B"], replace: false })).toEqual({
		set: ["A"],
		unset: ["B"],
		unchanged: [],
	});
	expect(store.readEnv("hello")).toEqual({ A: secret });
});

test("a file that is no key is named, and left as it is", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	writeFileSync(data.keyFile, "too short");
	const set = () => store.changeEnv("hello", { set: { A: "1" }, unset: [], replace: false });
	expect(set).toThrow(expect.objectContaining({ code: "invalid_input", message: `${data.keyFile} holds 9 bytes, a key has 32.` }));
	expect(readFileSync(data.keyFile, "utf8")).toBe("too short");
	expect(store.listEnvNames("hello")).toEqual([]);
});

test.each<[string, { set?: Record<string, string>; unset?: string[]; replace?: boolean }, object, Record<string, string>]>([
	["set", { set: { C: "3" } }, { set: ["C"], unset: [], unchanged: [] }, { A: "1", B: "2", C: "3" }],
	["set to another value", { set: { A: "9" } }, { set: ["A"], unset: [], unchanged: [] }, { A: "9", B: "2" }],
	["set to the same value", { set: { A: "1" } }, { set: [], unset: [], unchanged: ["A"] }, { A: "1", B: "2" }],
	["set to nothing is not unset", { set: { A: "" } }, { set: ["A"], unset: [], unchanged: [] }, { A: "", B: "2" }],
	["unset", { unset: ["B"] }, { set: [], unset: ["B"], unchanged: [] }, { A: "1" }],
	["unset twice", { unset: ["B", "B"] }, { set: [], unset: ["B"], unchanged: [] }, { A: "1" }],
	["unset what is not there", { unset: ["X", "constructor", "toString"] }, { set: [], unset: [], unchanged: [] }, { A: "1", B: "2" }],
	["replaced", { set: { B: "2", C: "3" }, replace: true }, { set: ["C"], unset: ["A"], unchanged: ["B"] }, { B: "2", C: "3" }],
	["replaced by nothing", { replace: true }, { set: [], unset: ["A", "B"], unchanged: [] }, {}],
	[
		"a name that objects have",
		{ set: { constructor: "x" } },
		{ set: ["constructor"], unset: [], unchanged: [] },
		{ A: "1", B: "2", constructor: "x" },
	],
	["nothing", {}, { set: [], unset: [], unchanged: [] }, { A: "1", B: "2" }],
])("%s", (_name, { set = {}, unset = [], replace = false }, said, after) => {
	using data = new DataFolder();
	const store = withEnv(data, { A: "1", B: "2" });
	expect(store.changeEnv("hello", { set, unset, replace })).toEqual(said);
	expect({ ...store.readEnv("hello") }).toEqual(after);
});

test("digests tell a changed value without telling it", () => {
	using data = new DataFolder();
	const store = withEnv(data, { A: "1", B: "1" });
	const digests = () => store.digestEnv(store.readEnv("hello"));
	const before = digests();
	expect(before.A).not.toBe(before.B);
	expect(before.A).toMatch(/^[0-9a-f]{16}$/);
	store.changeEnv("hello", { set: { A: "2" }, unset: [], replace: false });
	const after = digests();
	expect([after.A === before.A, after.B === before.B]).toEqual([false, true]);
	using other = new DataFolder();
	expect(other.open().digestEnv({ A: "1" }).A).not.toBe(before.A);
});

test("processes that need a key at once make one", async () => {
	using data = new DataFolder();
	register(data.open());
	const script =
		'store.changeEnv("hello", { set: { ["V" + who]: "value-" + who }, unset: [], replace: false }); answer(store.readEnv("hello")["V" + who]);';
	expect(await inProcesses(data, 6, script)).toEqual([0, 1, 2, 3, 4, 5].map((who) => `value-${who}`));
	expect(Object.keys(data.open().readEnv("hello"))).toHaveLength(6);
	expect(readdirSync(data.folder).filter((file) => file.startsWith("key"))).toEqual(["key"]);
});

test("a data folder moved with its key is read as before", () => {
	using data = new DataFolder();
	withEnv(data);
	data.close();
	using other = new DataFolder();
	other.open();
	other.close();
	for (const file of ["deploymill.db", "key"]) copyFileSync(join(data.folder, file), join(other.folder, file));
	expect(other.open().readEnv("hello")).toEqual({ A: secret });
});

test("the values of all applications are told, and those that another process sets or changes meanwhile, each once", () => {
	using data = new DataFolder();
	const [store, other] = [withEnv(data, { A: "value-one" }), data.open()];
	other.registerApplication("https://git.example.com/other.git", ["other"], config, "c0ffee");
	other.changeEnv("other", { set: { B: "value-two" }, unset: [], replace: false });
	const told = (by: SqliteStore) => {
		data.secrets.length = 0;
		expect(by.tellEnvValues()).toBe(0);
		return data.secrets.toSorted();
	};
	expect(told(data.open())).toEqual(["value-one", "value-two"]);
	expect(told(store)).toEqual(["value-one", "value-two"]);
	expect(told(store)).toEqual([]);
	other.changeEnv("other", { set: { B: "value-three" }, unset: [], replace: false });
	expect(told(store)).toEqual(["value-three"]);
});

test("values whose key is lost are counted, and no key is made for them", () => {
	using data = new DataFolder();
	withEnv(data, { A: "value-one", B: "value-two" });
	rmSync(data.keyFile);
	data.secrets.length = 0;
	expect([data.open().tellEnvValues(), data.secrets, existsSync(data.keyFile)]).toEqual([2, [], false]);
	writeFileSync(data.keyFile, "too short");
	expect(data.open().tellEnvValues()).toBe(2);
});

test("an application has a bound of variables and of bytes, and what would go beyond it changes nothing", () => {
	using data = new DataFolder();
	const store = withEnv(data, Object.fromEntries(Array.from({ length: 999 }, (_, at) => [`A${at}`, "1"])));
	const set = (values: Record<string, string>, replace = false) => store.changeEnv("hello", { set: values, unset: [], replace });
	set({ B: "2" });
	expect(() => set({ C: "3", B: "4" })).toThrow(
		expect.objectContaining({ code: "invalid_input", message: expect.stringContaining("would have 1001 variables") }),
	);
	expect(store.readEnv("hello").B).toBe("2");
	// Names count, and so do the bytes of UTF-8.
	set(Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`V${at}`, "ü".repeat(65_535)])), true);
	expect(() => set({ W: "x" })).toThrow(expect.objectContaining({ message: expect.stringContaining("9 variables of 1048578 bytes") }));
	set({ V0: "short", W: "x" });
	expect(store.listEnvNames("hello")).toHaveLength(9);
});
