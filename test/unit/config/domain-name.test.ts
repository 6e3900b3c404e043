import { isIP } from "node:net";
import { expect, test } from "vitest";
import { parseDomainName } from "../../../src/config/domain-name.ts";

const longLabel = "a".repeat(63);

test.each([
	["Hello.Test", "hello.test"],
	["hello.test.", "hello.test"],
	[" hello.test ", "hello.test"],
	["localhost.example", "localhost.example"],
	["app.internal", "app.internal"],
	["0x7f.example", "0x7f.example"],
	["app.0xyz", "app.0xyz"],
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
	["app.0x1", form],
	["app.0x", form],
	["app.0X1F.", form],
	["app.09", form],
	["1.2.3.4.5", form],
	["0x7f.1", "another way to write the IP address 127.0.0.1"],
	["0x7f000001", "another way to write the IP address 127.0.0.1"],
	["0X7F000001", "another way to write the IP address 127.0.0.1"],
	["0x7f000001.", "another way to write the IP address 127.0.0.1"],
	["2130706433", "another way to write the IP address 127.0.0.1"],
	["017700000001", "another way to write the IP address 127.0.0.1"],
	["127.1", "another way to write the IP address 127.0.0.1"],
	["0", "another way to write the IP address 0.0.0.0"],
	["0xa9fea9fe", "another way to write the IP address 169.254.169.254"],
	["localhost", "a name by which every machine means itself"],
	["LocalHost.", "a name by which every machine means itself"],
	["app.localhost", "a name by which every machine means itself"],
	["localhost.localdomain", "a name by which every machine means itself"],
	["ip6-loopback", "a name by which every machine means itself"],
	[`${longLabel}a.test`, form],
	["*.hello.test", "wildcards are not supported: name every host"],
	["https://hello.test", "expected a host name without a scheme, e.g. app.example.com"],
	["hello.test/path", "expected a host name without a path"],
	["hello.test:8080", "expected a host name without a port"],
	["127.0.0.1", "expected a host name, not an IP address"],
	["::1", "expected a host name, not an IP address"],
	["[::1]", "expected a host name, not an IP address"],
	["１２７.0.0.1", form],
	["０x7f000001", form],
])("%j is refused", (text, why) => {
	expect(() => parseDomainName(text)).toThrow(why);
});

test("253 characters are the most", () => {
	const host = `${`${"a".repeat(49)}.`.repeat(5)}abc`;
	expect(parseDomainName(host)).toHaveLength(253);
	expect(() => parseDomainName(`a${host}`)).toThrow(form);
});

test("whatever is let through, a URL parser reads as it is written", () => {
	const alphabet = ["0", "1", "7", "x", "f", ".", "-", "a", "xn--", "256", "0x", "localhost", "ß", "。", "１"];
	let seed = 7;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >> 8) % below;
	};
	let accepted = 0;
	for (let round = 0; round < 20_000; round++) {
		const text = Array.from({ length: random(6) + 1 }, () => alphabet[random(alphabet.length)]).join("");
		let host: string;
		try {
			host = parseDomainName(text);
		} catch {
			continue;
		}
		accepted++;
		expect([text, new URL(`http://${host}/`).hostname]).toEqual([text, host]);
		expect(isIP(host)).toBe(0);
	}
	expect(accepted).toBeGreaterThan(1000);
});
