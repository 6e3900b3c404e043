import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/redact.ts";

function knowing(...secrets: string[]): Redactor {
	const redactor = new Redactor();
	redactor.add(...secrets);
	return redactor;
}

const secret = 'p@ss/w"ord+1?ü\\';

test.each<[string, string]>([
	["as it is", secret],
	["base64", Buffer.from(secret).toString("base64")],
	["base64 without padding", Buffer.from(secret).toString("base64").replace(/=+$/, "")],
	["base64url", Buffer.from(secret).toString("base64url")],
	["URL encoded", encodeURIComponent(secret)],
	["JSON encoded", JSON.stringify(secret).slice(1, -1)],
])("a secret is masked %s", (_name, form) => {
	expect(
		knowing(secret)
			.mask(`before ${form} after`)
			.replace(/\*\*\*=*/, "***"),
	).toBe("before *** after");
	expect(knowing(secret).mask(`${form}${form}`)).not.toContain(form);
});

test.each<[string, string, string]>([
	["of sh -x and export -p", "hunter'2secret'pass", `'hunter'\\''2secret'\\''pass'`],
	["of Python's shlex.quote", "hunter'2secret'pass", `'hunter'"'"'2secret'"'"'pass'`],
	["of SQL and YAML", "it's me 123", "'it''s me 123'"],
	["of CSV", 'say "hunter" 22', '"say ""hunter"" 22"'],
])("a secret is masked in the quotes %s", (_name, value, quoted) => {
	const quote = quoted[0] ?? "";
	expect(knowing(value).mask(`DB=${quoted}`)).toBe(`DB=${quote}***${quote}`);
});

test.each(["", "x", "xy", "user:"])("a secret is masked within the base64 of more, %j before it", (before) => {
	for (const after of ["", "\n", ":", "and more"]) {
		for (const encoding of ["base64", "base64url"] as const) {
			const masked = knowing(secret).mask(Buffer.from(before + secret + after).toString(encoding));
			expect(masked).toContain("***");
			// At its two ends a character of base64 holds bits of both sides.
			expect(masked.replace("***", "").length).toBeLessThanOrEqual(Math.ceil((4 * (before.length + after.length)) / 3) + 5);
			expect(Buffer.from(masked.split("***")[1] ?? "", encoding).toString("latin1")).not.toContain(secret.slice(-4));
		}
	}
});

test("a key of several lines is masked whole, line by line, and as JSON", () => {
	const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----";
	const redactor = knowing(`${key}\n`);
	expect(redactor.mask(`x ${key} y`)).toBe("x *** y");
	expect(redactor.mask("line 2: MIIEvQIBADANBg")).toBe("line 2: ***");
	expect(redactor.mask(JSON.stringify({ key }))).toBe('{"key":"***"}');
});

test.each([
	["", "a"],
	["12345", "port 12345"],
	["   1   ", "1 of 1"],
])("%j is too short to be a secret", (value, text) => {
	expect(knowing(value).mask(text)).toBe(text);
});

test("spaces around a secret are none of it; undefined is no secret", () => {
	const redactor = new Redactor();
	redactor.add(undefined, "  hunter22\n");
	expect(redactor.mask("[hunter22]")).toBe("[***]");
	expect(redactor.mask("undefined")).toBe("undefined");
});

test("where one secret holds another, nothing of the longer is left", () => {
	expect(knowing("abcdef", "abcdefghij").mask("abcdefghij abcdef")).toBe("*** ***");
	expect(knowing("abcdefghij", "abcdef").mask("abcdefghij abcdef")).toBe("*** ***");
});

test("a secret is text, not a pattern", () => {
	expect(knowing("a.b*c+(d)[e]{f}$^|\\/").mask("a.b*c+(d)[e]{f}$^|\\/ axbbc")).toBe("*** axbbc");
});

test("an old secret stays masked when a new one is read", () => {
	const redactor = knowing("first-secret");
	expect(redactor.mask("first-secret")).toBe("***");
	redactor.add("second-secret");
	expect(redactor.mask("first-secret second-secret")).toBe("*** ***");
});

test("half a surrogate pair in a secret is no fault", () => {
	expect(knowing("\ud800secret").mask("\ud800secret!")).toBe("***!");
});

test.each([
	["https://user:pw@host/x", "https://***@host/x"],
	["https://user:p@ss@host/x", "https://***@host/x"],
	["postgres://u:s3cr3t@db:5432/x and redis://:pw@cache", "postgres://***@db:5432/x and redis://***@cache"],
	["https://host/x@y:z", "https://host/x@y:z"],
	["https://user@host", "https://user@host"],
	["ssh://git@host:22/x", "ssh://git@host:22/x"],
	["Authorization: Bearer abc.def-1", "Authorization: Bearer ***"],
	["authorization basic dXNlcjpwdw==", "authorization basic ***"],
	["AUTHORIZATION: token ghp_x", "AUTHORIZATION: token ***"],
])("%s", (text, expected) => {
	expect(new Redactor().mask(text)).toBe(expected);
});

test("all strings of a value are masked, nothing else is changed", () => {
	const value = { a: "hunter22", b: [1, null, true, { hunter22: "x hunter22" }], c: undefined };
	expect(knowing("hunter22").maskDeep(value)).toEqual({ a: "***", b: [1, null, true, { hunter22: "x ***" }], c: undefined });
	expect(value.a).toBe("hunter22");
});

describe("costs no more than its length", () => {
	test.each([
		["one word", "a".repeat(500_000)],
		["many schemes", "a://".repeat(100_000)],
		["an address that never ends", `a://b:${"c".repeat(500_000)}`],
		["colons", "a://b:".repeat(80_000)],
		["spaces", `authorization basic${" ".repeat(500_000)}`],
	])("%s", (_name, text) => {
		const before = performance.now();
		knowing("hunter22").mask(text);
		expect(performance.now() - before).toBeLessThan(2_000);
	});
});

test("no known secret is left in any text, however it is put together", { timeout: 60_000 }, () => {
	let seed = 5;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >> 8) % below;
	};
	const alphabet = 'abcXYZ019 .*+$"\\/=@:\n{}é😀';
	const characters = [...alphabet];
	const text = (length: number) => Array.from({ length }, () => characters[random(characters.length)]).join("");
	for (let round = 0; round < 500; round++) {
		const secrets = Array.from({ length: 3 }, () => text(random(14) + 6).trim()).filter((item) => item.length >= 6);
		const redactor = knowing(...secrets);
		const forms = secrets.flatMap((item) => [item, encodeURIComponent(item), JSON.stringify(item).slice(1, -1)]);
		const whole = Array.from({ length: 6 }, () => (random(2) ? text(random(9)) : forms[random(forms.length)])).join(random(2) ? "" : " ");
		const masked = redactor.mask(whole);
		for (const form of forms.filter((item) => !item.includes("***"))) expect(masked).not.toContain(form);
	}
});

test("with more values than can be masked, every text is withheld", () => {
	const redactor = new Redactor(100);
	redactor.add("hunter22");
	expect(redactor.mask("hunter22 and more")).toBe("*** and more");
	for (let at = 0; at < 20; at++) redactor.add(`another secret ${at}`);
	expect(redactor.mask("hunter22 and more")).toBe("[withheld: this text could not be masked]");
	expect(redactor.maskDeep({ a: ["hunter22"] })).toEqual({ a: ["[withheld: this text could not be masked]"] });
});
