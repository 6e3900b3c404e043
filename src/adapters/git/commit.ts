// Reads commits. Their messages and authors are whatever somebody pushed: cleaned and cut.
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";

const mostMessageChars = 500;

/** Arguments of `git log` whose output `parseCommits` reads. */
export const logArguments = [
	"log",
	"-z",
	"--no-color",
	"--no-notes",
	"--no-mailmap",
	"--encoding=UTF-8",
	"--format=%H%x00%an%x00%ae%x00%B",
];

export function parseCommits(output: string, untrusted: Untrusted): Commit[] {
	const fields = output.split("\0");
	const commits: Commit[] = [];
	for (let at = 0; at + 3 < fields.length; at += 4) {
		const [sha = "", name = "", mail = "", message = ""] = fields.slice(at, at + 4);
		commits.push({ sha, message: cut(untrusted.clean(message).trim()), author: authorOf(untrusted.line(name), untrusted.line(mail)) });
	}
	return commits;
}

function authorOf(name: string, mail: string): string {
	return mail ? `${name} <${mail}>`.trim() : name;
}

function cut(message: string): string {
	if (message.length <= mostMessageChars) return message;
	// Half of a surrogate pair at the cut would not be text.
	return `${message.slice(0, mostMessageChars - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
