// Writes a variable as Swarm takes it, and reads it back.
import { envVarBytes, envVarName, mostEnvVarBytes } from "../../model/env-limits.ts";

/** Swarm expands Go templates in env values; a value is given to the app as it was set. */
const braces = "{{";
const literalBraces = '{{"{{"}}';

export function envEntry(name: string, value: string): string {
	return `${name}=${value.replaceAll(braces, literalBraces)}`;
}

/**
 * The variable in an entry of a service's env. Undefined for one that `set_env_vars` cannot set: of another name, without a value, too
 * large, or with a template that Swarm expands.
 */
export function readEnvEntry(entry: string): { name: string; value: string } | undefined {
	const name = envNameIn(entry);
	if (name === entry || !envVarName.test(name)) return undefined;
	const value = entry.slice(name.length + 1).replaceAll(literalBraces, braces);
	return envEntry(name, value) === entry && envVarBytes(name, value) <= mostEnvVarBytes ? { name, value } : undefined;
}

/** All of an entry without a value. */
export function envNameIn(entry: string): string {
	return entry.split("=", 1)[0] ?? entry;
}
