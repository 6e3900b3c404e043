import { describe, expect, test } from "vitest";
import { parseRepositoryAddress } from "../../../../src/adapters/git/address.ts";
import { DeploymillError } from "../../../../src/errors.ts";

const all = ["https", "http", "ssh", "file"];

test.each([
	["https://github.com/acme/hello", "https", "github.com", "https://github.com/acme/hello"],
	["https://GitHub.com:443/acme/hello.git", "https", "github.com", "https://github.com/acme/hello.git"],
	["HTTPS://git.example:8443/a/b", "https", "git.example:8443", "https://git.example:8443/a/b"],
	["http://git.example/a", "http", "git.example", "http://git.example/a"],
	["ssh://git@git.example:2222/a/b.git", "ssh", undefined, "ssh://git@git.example:2222/a/b.git"],
	["ssh://git.example/~ada/b.git", "ssh", undefined, "ssh://git.example/~ada/b.git"],
	["git@github.com:acme/hello.git", "ssh", undefined, "git@github.com:acme/hello.git"],
	["git@[::1]:acme/hello.git", "ssh", undefined, "git@[::1]:acme/hello.git"],
	["file:///srv/git/hello.git", "file", undefined, "file:///srv/git/hello.git"],
	["/srv/git/with space/hello.git", "file", undefined, "/srv/git/with space/hello.git"],
])("%s", (text, protocol, host, url) => {
	expect(parseRepositoryAddress(text, { protocols: all })).toEqual({ protocol, url, ...(host ? { host } : {}) });
});

const secret = "hunter2-and-more";

test.each([
	["", "neither a URL"],
	["hello", "neither a URL"],
	["github.com:acme/hello.git", "neither a URL"],
	["./hello", "neither a URL"],
	["../hello", "neither a URL"],
	["~/hello", "neither a URL"],
	["ext::sh -c touch% /tmp/pwned", "protocol ext is not allowed"],
	["EXT::sh", "protocol ext is not allowed"],
	["fd::17/foo", "protocol fd is not allowed"],
	["git://git.example/a", "protocol git is not allowed"],
	["ftp://git.example/a", "protocol ftp is not allowed"],
	["rsync://git.example/a", "protocol rsync is not allowed"],
	["javascript:alert(1)", "neither a URL"],
	["--upload-pack=touch /tmp/pwned", "not one of a git"],
	["-oProxyCommand=sh", "not one of a git"],
	["ssh://-oProxyCommand=sh/a", "malformed"],
	["ssh://git@-oProxyCommand=sh/a", "malformed"],
	["-git@host:a", "not one of a git"],
	["git@-host:a", "neither a URL"],
	["git@host:-a", "neither a URL"],
	["ssh://host", "malformed"],
	["ssh://ho st/a", "malformed"],
	["ssh://$(id)/a", "malformed"],
	["https://", "malformed"],
	["https:///a", "malformed"],
	["https://host/a b", "malformed"],
	["https://github.com\\@evil.example/a", "not one of a git"],
	["https://host/a\nb", "not one of a git"],
	["https://host/a\u0000b", "not one of a git"],
	["https://host/\u202Ea", "not one of a git"],
	["https://host/a?private_token=x", "query"],
	["https://host/a#x", "fragment"],
	["file://host/a", "names no host"],
	["file://localhost/a", "names no host"],
	["file:relative", "neither a URL"],
	[`https://host/${"a".repeat(3000)}`, "not one of a git"],
	[`https://ada:${secret}@host/a`, "user name or password"],
	[`https://${secret}@host/a`, "user name or password"],
	[`https://:${secret}@host/a`, "user name or password"],
	[`ssh://git:${secret}@host/a`, "user name or password"],
	[`git:${secret}@host:a`, "user name or password"],
	[`ftp://ada:${secret}@host/a`, "user name or password"],
	[`ext::curl https://ada:${secret}@host`, "ext|user name"],
])("refuses %j without echoing it", (text, because) => {
	let thrown: unknown;
	try {
		parseRepositoryAddress(text, { protocols: all });
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toBeInstanceOf(DeploymillError);
	const body = (thrown as DeploymillError).toBody();
	expect(body.code).toBe("repo_not_allowed");
	expect(body.message).toMatch(new RegExp(because));
	expect(JSON.stringify(body)).not.toContain(secret);
});

test("names the protocol that is not allowed, and those that are", () => {
	for (const [text, protocol] of [
		["http://host/a", "http"],
		["/srv/a", "file"],
		["file:///srv/a", "file"],
	] as const) {
		expect(() => parseRepositoryAddress(text, { protocols: ["https", "ssh"] })).toThrow(
			`the protocol ${protocol} is not allowed for repositories; allowed are https, ssh`,
		);
	}
	expect(() => parseRepositoryAddress("git@host:a", { protocols: ["https"] })).toThrow("the protocol ssh is not allowed");
	expect(() => parseRepositoryAddress("ext::sh", { protocols: ["https", "ext"] })).toThrow("the protocol ext is not allowed");
});

describe("where hosts are listed", () => {
	const rules = { protocols: all, hosts: ["github.com", "git.example:8443", "127.0.0.1", "[::1]"] };

	test.each([
		"https://github.com/acme/hello",
		"https://GITHUB.com:8443/acme/hello",
		"http://github.com/acme/hello",
		"git@github.com:acme/hello.git",
		"git@GitHub.com:acme/hello.git",
		"ssh://git@github.com:2222/acme/hello",
		"git@[127.0.0.1:22]:acme/hello",
		"https://git.example:8443/a",
		"ssh://git.example:8443/a",
		"https://0x7f000001/a",
		"git@0x7f000001:a",
		"git@[::1]:a",
		"ssh://git@[0:0::1]:22/a",
		"/srv/git/hello",
		"file:///srv/git/hello",
	])("%s is allowed", (text) => {
		expect(parseRepositoryAddress(text, rules).url).toBeTruthy();
	});

	test.each([
		"https://git.example/a",
		"https://git.example:8444/a",
		"git@git.example:8443/a",
		"ssh://git.example/a",
		"https://github.com.evil.example/a",
		"https://evil.example/github.com",
		"git@evil.example:github.com/a",
		"github.com@evil.example:a",
		"ssh://github.com@evil.example/a",
		"https://github.com./a",
		"git@[abc:22]:a",
		"git@[::2]:a",
		"https://[::ffff:127.0.0.1]/a",
	])("%s is refused, and the allowed hosts are named", (text) => {
		expect(() => parseRepositoryAddress(text, rules)).toThrow(
			"the address's host is not one that repositories may be on; allowed are github.com, git.example:8443, 127.0.0.1, [::1] (DEPLOYMILL_GIT_HOSTS)",
		);
	});
});
