// Defines the JSON-RPC errors of this server, and which codes carry words that may be shown.

export interface RpcError {
	code: number;
	message: string;
	data?: unknown;
}

const invalidRequestCode = -32_600;
const invalidParamsCode = -32_602;
export const internalCode = -32_603;

/** Codes that the SDK gives in its own words: parse error, invalid request, no such method, invalid params, no such resource. */
const told = new Set([-32_700, invalidRequestCode, -32_601, invalidParamsCode, -32_002]);

export function isTold(code: number): boolean {
	return told.has(code);
}

export function invalidRequest(message: string): RpcError {
	return { code: invalidRequestCode, message };
}

/**
 * The SDK throws what its schemas say of a request's parameters as JSON, under the code of an internal fault. It names places and
 * what is expected there, never what was given. Undefined for any other message.
 */
export function asInvalidParams(message: string): RpcError | undefined {
	if (!message.startsWith("[")) return undefined;
	let issues: unknown;
	try {
		issues = JSON.parse(message);
	} catch {
		return undefined;
	}
	const problems = Array.isArray(issues) ? issues.filter(isIssue).slice(0, 5) : [];
	if (problems.length === 0) return undefined;
	const words = problems.map((issue) => `${issue.path.join(".") || "params"}: ${issue.message}`);
	return { code: invalidParamsCode, message: words.join("; ") };
}

interface Issue {
	path: (string | number)[];
	message: string;
}

function isIssue(value: unknown): value is Issue {
	const { path, message } = (value ?? {}) as { path?: unknown; message?: unknown };
	return Array.isArray(path) && typeof message === "string";
}
