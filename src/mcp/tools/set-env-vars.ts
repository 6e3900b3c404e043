// Owns the tool `set_env_vars`.
import { z } from "zod";
import { findApplication } from "../../engine/applications.ts";
import { DeploymillError } from "../../errors.ts";
import { applicationId } from "../fields.ts";
import { defineTool } from "../tool.ts";

const names = /^[A-Za-z_][A-Za-z0-9_]*$/;
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
		findApplication(engine.store, applicationId);
		for (const name of Object.keys(set)) refuseBadName("set", name);
		for (const name of unset) refuseBadName("unset", name);
		const both = unset.find((name) => Object.hasOwn(set, name));
		if (both) throw new DeploymillError("invalid_input", `unset: ${both} stands in set too; name it in one of them.`);
		const nul = Object.keys(set).find((name) => set[name]?.includes("\0"));
		if (nul) throw new DeploymillError("invalid_input", `set.${nul}: the value holds a NUL character, which no process can be given.`);
		const changed = engine.store.changeEnv(applicationId, { set, unset, replace });
		return { content: { applicationId, ...changed, effective: "next deploy or rollback" } };
	},
});

function refuseBadName(field: string, name: string): void {
	if (names.test(name)) return;
	throw new DeploymillError(
		"invalid_input",
		`${field}: got the name ${JSON.stringify(name.slice(0, 60))}, ${nameHelp}. Nothing was changed.`,
	);
}
