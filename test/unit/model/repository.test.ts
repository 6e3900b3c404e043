import { expect, test } from "vitest";
import { isSameRepository, repositoryHash, spellingsOf } from "../../../src/model/repository.ts";

const hello = [
	"https://git.example.com/team/hello",
	"https://git.example.com/team/hello.git",
	"git@git.example.com:team/hello",
	"git@git.example.com:team/hello.git",
	"ssh://git@git.example.com/team/hello",
	"ssh://git@git.example.com/team/hello.git",
];

test.each(hello)("%s is served under all the usual addresses", (repoUrl) => {
	expect(spellingsOf(repoUrl)[0]).toBe(repoUrl);
	expect(spellingsOf(repoUrl).toSorted()).toEqual(hello.toSorted());
});

test.each([
	["the host's capitals", "https://Git.Example.com/team/hello", true],
	["a port that is the protocol's own", "https://git.example.com:443/team/hello.git", true],
	["... and ssh's", "ssh://git@git.example.com:22/team/hello", true],
	["a slash at the end", "https://git.example.com/team/hello/", true],
	["the path's capitals: hosts may tell them apart", "https://git.example.com/team/Hello", false],
	["another path", "https://git.example.com/team/hello2", false],
	["another host", "https://git.example.org/team/hello", false],
	["a port of its own", "https://git.example.com:8443/team/hello", false],
	["another user's home", "alice@git.example.com:team/hello", false],
	["a protocol that anybody on the way can change", "http://git.example.com/team/hello", false],
	["a local path", "/team/hello", false],
])("with %s, it is the same repository: %s -> %s", (_name, other, expected) => {
	expect(isSameRepository(other, hello[0] as string)).toBe(expected);
});

test("a local repository is the same as a path and as a URL, and with .git another one", () => {
	expect(spellingsOf("/srv/hello")).toEqual(["/srv/hello", "file:///srv/hello"]);
	expect(spellingsOf("file:///srv/hello")).toEqual(["file:///srv/hello", "/srv/hello"]);
	expect(isSameRepository("/srv/hello", "/srv/hello.git")).toBe(false);
});

test("what has no other spelling is only itself", () => {
	for (const repoUrl of ["http://h/x", "ssh://alice@h/x", "https://h:8443/x", "alice@h:x"]) expect(spellingsOf(repoUrl)).toEqual([repoUrl]);
});

test("a hash tells of the address only whether it is the same", () => {
	expect(repositoryHash("https://git.example.com/hello.git")).toMatch(/^[0-9a-f]{16}$/);
	expect(new Set(hello.map(repositoryHash)).size).toBe(hello.length);
});
