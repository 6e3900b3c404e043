// Reads one file of a commit without its other files: nothing is checked out, and where the remote can, no other file is sent.
import type { FileAtRef } from "../../engine/ports/source.ts";
import { DeploymillError } from "../../errors.ts";
import type { Untrusted } from "../../untrusted.ts";
import type { GitSession } from "./session.ts";
import { fetchCommit } from "./target.ts";
import { findBlob, readFile, tooLong } from "./tree.ts";

const withoutFiles = ["--filter=blob:none"];

/**
 * @param openSession makes a session of its own in a folder of that name
 * @throws as `Source.readFile`
 */
export async function readOneFile(
	openSession: (name: string) => Promise<GitSession>,
	ref: string | undefined,
	path: string,
	untrusted: Untrusted,
): Promise<FileAtRef> {
	const session = await openSession("narrow");
	const { commit, ref: name } = await fetchCommit(session, ref, withoutFiles, untrusted);
	const blob = await findBlob(session, commit.sha, path);
	if (blob === undefined) return { commit, ref: name };
	if (await provide(session, blob, path)) return withText(commit, name, await readFile(session, commit.sha, path));
	// A remote that leaves files out and then hands none out alone: some do by git's older protocols.
	const whole = await openSession("whole");
	await fetchCommit(whole, commit.sha, [], untrusted);
	return withText(commit, name, await readFile(whole, commit.sha, path));
}

function withText(commit: FileAtRef["commit"], ref: string, text: string | undefined): FileAtRef {
	return { commit, ref, ...(text === undefined ? {} : { text }) };
}

/** Fetches a blob that is not there yet. False where the remote does not give it alone. */
async function provide(session: GitSession, blob: string, path: string): Promise<boolean> {
	if (await isHere(session, blob)) return true;
	try {
		const { filePackBytes: packBytes } = session.limits;
		await session.fetch({ options: withoutFiles, refspecs: [blob], packBytes, doing: `fetch ${path}` });
		return true;
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		if (error.code === "ref_not_found") return false;
		// A pack of that size holds no short file.
		throw error.code === "repo_not_allowed" ? tooLong(path) : error;
	}
}

async function isHere(session: GitSession, blob: string): Promise<boolean> {
	try {
		await session.local(["cat-file", "-e", blob], "look for a file");
		return true;
	} catch (error) {
		if (error instanceof DeploymillError) return false;
		throw error;
	}
}
