// Names who asks for a change, for the history and for whoever meets the lock: the client, the user, the address of an ssh login.
import { isIP } from "node:net";
import { hostname, userInfo } from "node:os";
import type { Untrusted } from "../untrusted.ts";

/** The client chooses its own name: a long one must not push the person's out. */
const mostClientChars = 60;
/** Room for the longest login and host names that systems allow. */
const mostChars = 300;

/** @returns `claude-code 2.1.0 (alice as deploy@manager from 192.0.2.7)`, see `nameUser` */
export function nameRequester(
	client: { name: string; version: string } | undefined,
	untrusted: Untrusted,
	env: NodeJS.ProcessEnv = process.env,
): string {
	const program = client ? untrusted.line(`${client.name} ${client.version}`, mostClientChars) : "unknown client";
	// What stands in brackets is never the client's word.
	return untrusted.line(`${program.replace(/[()]/g, "")} (${nameUser(env)})`, mostChars);
}

/**
 * `deploy@manager`: the user that this process runs as. Where people share that user over ssh, LOGNAME tells them apart (a forced
 * command in authorized_keys sets it for each key), and SSH_CONNECTION, which sshd sets, says from where. A note, no proof.
 */
export function nameUser(env: NodeJS.ProcessEnv = process.env): string {
	const user = processUser();
	const { LOGNAME = "", SSH_CONNECTION = "" } = env;
	const person = LOGNAME !== user && isLoginName(LOGNAME) ? `${LOGNAME} as ` : "";
	const [address = ""] = SSH_CONNECTION.split(" ");
	return `${person}${user}@${hostname()}${isIP(address) ? ` from ${address}` : ""}`;
}

/** Names and mail addresses, with nothing in them that could pass for other words of the history. */
function isLoginName(name: string): boolean {
	return /^[\p{L}\p{N}._@+-]{1,64}$/u.test(name);
}

function processUser(): string {
	try {
		return userInfo().username;
	} catch {
		// A user id without an entry in passwd, as in many containers, has no name.
		return `uid ${process.getuid?.() ?? "?"}`;
	}
}
