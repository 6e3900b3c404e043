import { expect, test } from "vitest";
import { parseDomainName } from "../../../src/config/domain-name.ts";

const longLabel = "a".repeat(63);

test.each([
	["Hello.Test", "hello.test"],
	["hello.test.", "hello.test"],
	[" hello.test ", "hello.test"],
	["app.localhost", "app.localhost"],
	["intranet", "intranet"],
	["1a.2b.example", "1a.2b.example"],
	["bücher.example", "xn--bcher-kva.example"],
	["Faß.de", "xn--fa-hia.de"],
	["xn--bcher-kva.example", "xn--bcher-kva.example"],
	["日本語。jp", "xn--wgv71a119e.jp"],
	[`${longLabel}.test`, `${longLabel}.test`],
])("%s is %s", (text, host) => {
	expect(parseDomainName(text)).toBe(host);
});

const form = "expected a host name such as app.example.com: labels of letters, digits and inner hyphens, 63 characters a label, 253 in all";

test.each([
	["", form],
	[".", form],
	["a..b", form],
	["-a.test", form],
	["a-.test", form],
	["a_b.test", form],
	["a b.test", form],
	["%41.test", form],
	["a`b.test", form],
	["a\u200db.test", form],
	["a.1", form],
	["0x7f.1", form],
	[`${longLabel}a.test`, form],
	["*.hello.test", "wildcards are not supported: name every host"],
	["https://hello.test", "expected a host name without a scheme, e.g. app.example.com"],
	["hello.test/path", "expected a host name without a path"],
	["hello.test:8080", "expected a host name without a port"],
	["127.0.0.1", "expected a host name, not an IP address"],
	["::1", "expected a host name, not an IP address"],
	["[::1]", "expected a host name, not an IP address"],
	["１２７.0.0.1", form],
])("%j is refused", (text, why) => {
	expect(() => parseDomainName(text)).toThrow(why);
});

test("253 characters are the most", () => {
	const host = `${`${"a".repeat(49)}.`.repeat(5)}abc`;
	expect(parseDomainName(host)).toHaveLength(253);
	expect(() => parseDomainName(`a${host}`)).toThrow(form);
});
