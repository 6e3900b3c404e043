import { describe, expect, test } from "vitest";
import { CommitIdSearch, candidateNames, checkRef } from "../../../../src/adapters/git/ref.ts";

describe("checkRef", () => {
	test.each(["main", "feature/login", "v1.2.3", "release-1", "a_b", "ünïcode", "user@host", "#12", "refs/pull/7/head", "0123abc"])(
		"takes %j",
		(ref) => {
			expect(() => checkRef(ref)).not.toThrow();
		},
	);

	test.each([
		"--upload-pack=touch /tmp/pwned",
		"-b",
		"",
		"a b",
		"a..b",
		"a~1",
		"a^{commit}",
		"a:b",
		"a?b",
		"*",
		"[a]",
		"a\\b",
		"@",
		"a@{1}",
		"/a",
		"a/",
		"a//b",
		".a",
		"a/.b",
		"a.lock",
		"a.lock/b",
		"a.",
		"a\tb",
		"a\nb",
		"a\u0000b",
		"a\u007fb",
		"a\u202Eb",
		"a\u200bb",
		"a".repeat(256),
	])("refuses %j without echoing it", (ref) => {
		expect(() => checkRef(ref)).toThrow(/^the ref given cannot be the name of a branch, a tag or a commit$/);
	});
});

test("a branch is wanted before a tag, and a full name is what it is", () => {
	expect(candidateNames("v1")).toEqual(["refs/heads/v1", "refs/tags/v1"]);
	expect(candidateNames("refs/tags/v1")).toEqual(["refs/tags/v1"]);
});

describe("CommitIdSearch", () => {
	const one = `abcdef0${"1".repeat(33)}`;
	const two = `abcdef0${"2".repeat(33)}`;
	const search = (ref: string, oids: string[]) => {
		const found = new CommitIdSearch(ref);
		const more = oids.map((oid) => found.add(oid));
		return { found: found.found, more: more.at(-1) };
	};

	test("is for abbreviated ids alone", () => {
		expect(["abcdef0", "ABCDEF0", "a".repeat(39)].map((ref) => CommitIdSearch.isFor(ref))).toEqual([true, true, true]);
		expect(["abcdef", "main", "a".repeat(40)].map((ref) => CommitIdSearch.isFor(ref))).toEqual([false, false, false]);
	});

	test("finds the one commit it can mean", () => {
		expect(search("ABCDEF01", [one, two]).found).toBe(one);
		expect(search("abcdef0", [one, one]).found).toBe(one);
	});

	test("finds none where it could mean two, and looks no further, or none", () => {
		expect(search("abcdef0", [one, two])).toEqual({ found: undefined, more: false });
		expect(search("1234567", [one])).toEqual({ found: undefined, more: true });
	});
});
