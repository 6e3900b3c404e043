import { hostname, userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { nameRequester, nameUser } from "../../../src/mcp/requester.ts";
import { Redactor } from "../../../src/redact.ts";
import { Untrusted } from "../../../src/untrusted.ts";

const me = `${userInfo().username}@${hostname()}`;

describe("Who asked", () => {
	test("is the user that the process runs as", () => {
		expect(nameUser({})).toBe(me);
		expect(nameUser({ LOGNAME: userInfo().username })).toBe(me);
	});

	test("is a person behind a shared user, where LOGNAME names one", () => {
		expect(nameUser({ LOGNAME: "alice" })).toBe(`alice as ${me}`);
		expect(nameUser({ LOGNAME: "alice.o-hara+work@example.com" })).toBe(`alice.o-hara+work@example.com as ${me}`);
		expect(nameUser({ LOGNAME: "zoë" })).toBe(`zoë as ${me}`);
	});

	test.each(["", " ", "alice smith", "x) by root (", "line\nbreak", "a".repeat(65), "\u202Eecila"])(
		"is not what no login name looks like: %j",
		(LOGNAME) => {
			expect(nameUser({ LOGNAME })).toBe(me);
		},
	);

	test("came from the address that sshd names", () => {
		expect(nameUser({ SSH_CONNECTION: "192.0.2.7 52144 198.51.100.2 22" })).toBe(`${me} from 192.0.2.7`);
		expect(nameUser({ LOGNAME: "bob", SSH_CONNECTION: "2001:db8::7 52144 2001:db8::1 22" })).toBe(`bob as ${me} from 2001:db8::7`);
	});

	test.each(["", "UNKNOWN 65535 UNKNOWN 65535", "nonsense", "<b>1</b> 2 3 4"])(
		"came from nowhere known with SSH_CONNECTION=%j",
		(value) => {
			expect(nameUser({ SSH_CONNECTION: value })).toBe(me);
		},
	);

	test("stands after the client's name however long that is, which is the client's own choice", () => {
		const untrusted = new Untrusted(new Redactor());
		const env = { LOGNAME: "alice", SSH_CONNECTION: "192.0.2.7 52144 198.51.100.2 22" };
		expect(nameRequester({ name: "claude-code", version: "2.1.0" }, untrusted, env)).toBe(
			`claude-code 2.1.0 (alice as ${me} from 192.0.2.7)`,
		);
		expect(nameRequester(undefined, untrusted, env)).toBe(`unknown client (alice as ${me} from 192.0.2.7)`);
		const liar = { name: "claude (bob as deploy@manager from 192.0.2.9)", version: "1" };
		expect(nameRequester(liar, untrusted, env)).toBe(`claude bob as deploy@manager from 192.0.2.9 1 (alice as ${me} from 192.0.2.7)`);
		const long = nameRequester({ name: "x".repeat(5000), version: "1" }, untrusted, env);
		expect(long).toMatch(/^x{50,60}… \(/);
		expect(long).toContain(`(alice as ${me} from 192.0.2.7)`);
	});
});
