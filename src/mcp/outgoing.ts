// Turns a message into the line that may leave: masked, and without the words of a fault that nobody looked over.
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Log } from "../engine/engine.ts";
import { faultNotice, recordFault } from "../fault.ts";
import type { Redactor } from "../redact.ts";
import { asInvalidParams, internalCode, isTold, type RpcError } from "./rpc-error.ts";

const longestErrorMessage = 1000;

/** One line of JSON, without its end. Never throws. */
export function safeMessage(message: JSONRPCMessage, { redactor, log }: { redactor: Redactor; log: Log }): string {
	try {
		const safe = "error" in message ? { ...message, error: safeError(message.error, redactor, log) } : message;
		const masked = redactor.maskDeep(safe);
		// An id is the client's own and has to come back as it was.
		return inOneLine("id" in message ? { ...masked, id: message.id } : masked);
	} catch (error) {
		const fault = internalError(error, log);
		return inOneLine({ jsonrpc: "2.0", ...("id" in message ? { id: message.id } : {}), error: fault });
	}
}

/** JSON may hold these as they are, and many a reader of lines (Node's readline, Python's splitlines) ends a line at them. */
const lineEnds = /[\u0085\u2028\u2029]/g;

function inOneLine(message: object): string {
	return JSON.stringify(message).replace(lineEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function safeError({ code, message }: RpcError, redactor: Redactor, log: Log): RpcError {
	// Masked before it is cut: what a cut leaves of a secret is not found.
	if (isTold(code)) return { code, message: redactor.maskSecrets(message).slice(0, longestErrorMessage) };
	return asInvalidParams(message) ?? internalError(message, log);
}

function internalError(error: unknown, log: Log): RpcError {
	const faultId = recordFault(log, error, "a request failed");
	return { code: internalCode, message: faultNotice(faultId) };
}
