// Defines the tool `set_env_vars`.

import { z } from "zod";
import { quote } from "../../config/quote.ts";
import { findApplication } from "../../engine/applications.ts";
import type { Engine } from "../../engine/engine.ts";
import { DeploymillError } from "../../errors.ts";
import { envVarBytes, envVarName, mostEnvBytes, mostEnvVarBytes, mostEnvVars } from "../../model/env-limits.ts";
import { releaseEnvVar } from "../../model/release-env.ts";
import { applicationId } from "../fields.ts";
import { defineTool } from "../tool.ts";

const nameHelp = "expected letters, digits and _, not beginning with a digit";

export const setEnvVars = defineTool({
	name: "set_env_vars",
	title: "Set environment variables",
	description:
		"Sets and unsets variables of an application, merged with those there (replace: true drops all others). Takes effect at the next deploy or rollback; no rollback takes it back. Values never come out again. Returns names.",
	hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
	input: z.strictObject({
		applicationId,
		set: z.record(z.string().max(256), z.string().max(65_536)).default({}),
		unset: z.array(z.string().max(256)).max(500).default([]),
		replace: z.boolean().default(false),
	}),
	output: z.looseObject({ set: z.array(z.string()), unset: z.array(z.string()), unchanged: z.array(z.string()) }),
	call({ applicationId, set, unset, replace }, { engine }) {
		ensureEnvChange(engine, { applicationId, set, unset });
		const changed = engine.store.changeEnv(applicationId, { set, unset, replace });
		return { content: { applicationId, ...changed, effective: "next deploy or rollback" } };
	},
});

export interface EnvChange {
	applicationId: string;
	set: Record<string, string>;
	unset: string[];
}

/** What can be told before anything is written, and before a person is asked. @throws application_not_found, invalid_input */
export function ensureEnvChange({ store }: Pick<Engine, "store">, { applicationId, set, unset }: EnvChange): void {
	findApplication(store, applicationId);
	for (const name of Object.keys(set)) refuseBadName("set", name);
	if (Object.hasOwn(set, releaseEnvVar)) throw refusal(reserved);
	refuseTooMuch(set);
	for (const name of unset) refuseBadName("unset", name);
	const both = unset.find((name) => Object.hasOwn(set, name));
	if (both) throw refusal(`unset: ${both} stands in set too; name it in one of them.`);
	for (const [name, value] of Object.entries(set)) refuseBadValue(name, value);
}

const reserved = `set: ${releaseEnvVar} is deploymill's own, which tells an app with health.releaseHeader its release (deploymill://guides/health); choose another name.`;

function refuseBadName(field: string, name: string): void {
	if (envVarName.test(name)) return;
	throw refusal(`${field}: got the name ${quote(name)}, ${nameHelp}.`);
}

/** Limits of one call, which are those of an application. */
function refuseTooMuch(set: Record<string, string>): void {
	const count = Object.keys(set).length;
	if (count > mostEnvVars) throw refusal(`set: got ${count} variables, allowed are ${mostEnvVars} for an application.`);
	const bytes = Object.entries(set).reduce((sum, [name, value]) => sum + envVarBytes(name, value), 0);
	if (bytes > mostEnvBytes) throw refusal(`set: got ${bytes} bytes of names and values, allowed are ${mostEnvBytes} for an application.`);
}

/** The value itself is never shown. */
function refuseBadValue(name: string, value: string): void {
	if (value.includes("\0")) throw refusal(`set.${name}: the value holds a NUL character, which no process can be given.`);
	if (!value.isWellFormed()) throw refusal(`set.${name}: the value holds half of a surrogate pair, which is no text.`);
	const bytes = envVarBytes(name, value);
	if (bytes > mostEnvVarBytes) {
		throw refusal(
			`set.${name}: name and value have ${bytes} bytes, allowed are ${mostEnvVarBytes}: a process cannot be given more in one variable.`,
		);
	}
}

function refusal(message: string): DeploymillError {
	return new DeploymillError("invalid_input", `${message} Nothing was changed.`);
}
