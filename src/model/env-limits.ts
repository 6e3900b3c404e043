// Limits how env vars may be called, how many an application may have, and how large they may be.

/** Of a variable's name. */
export const envVarName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Of one application. */
export const mostEnvVars = 1_000;

/**
 * Of all names and values of one application, in UTF-8. A Swarm service takes 4 MB, a process 2 MB of arguments and variables; and
 * it fits into one MCP message, however JSON writes it.
 */
export const mostEnvBytes = 1_048_576;

/** Of one `NAME=value`: Linux starts no process that is given more. */
export const mostEnvVarBytes = 131_000;

/** Of one variable, as the process will have it. */
export function envVarBytes(name: string, value: string): number {
	return Buffer.byteLength(`${name}=${value}`);
}
