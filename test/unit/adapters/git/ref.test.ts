import { describe, expect, test } from "vitest";
import { candidateNames, checkRef, expandCommitId } from "../../../../src/adapters/git/ref.ts";

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

describe("expandCommitId", () => {
	const one = `abcdef0${"1".repeat(33)}`;
	const two = `abcdef0${"2".repeat(33)}`;
	const ref = (oid: string, name = "refs/heads/x") => ({ oid, name });

	test("finds the one commit it can mean", () => {
		expect(expandCommitId("ABCDEF01", [ref(one), ref(two)])).toBe(one);
		expect(expandCommitId("abcdef0", [ref(one, "HEAD"), ref(one)])).toBe(one);
	});

	test("finds none where it could mean two, or none, or is no id", () => {
		expect(expandCommitId("abcdef0", [ref(one), ref(two)])).toBeUndefined();
		expect(expandCommitId("1234567", [ref(one)])).toBeUndefined();
		expect(expandCommitId("abcdef", [ref(one)])).toBeUndefined();
		expect(expandCommitId("main", [ref(one)])).toBeUndefined();
	});
});
