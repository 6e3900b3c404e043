// Defines the tool `list_env_vars`.
import { z } from "zod";
import { findApplication } from "../../engine/applications.ts";
import { applicationId } from "../fields.ts";
import { defineTool, readsOnly } from "../tool.ts";

export const listEnvVars = defineTool({
	name: "list_env_vars",
	title: "List environment variable names",
	description: "Names of an application's variables, never a value. Changes nothing.",
	hints: { ...readsOnly, openWorldHint: false },
	input: z.strictObject({ applicationId }),
	output: z.looseObject({ names: z.array(z.string()), count: z.number() }),
	call({ applicationId }, { engine }) {
		findApplication(engine.store, applicationId);
		const names = engine.store.listEnvNames(applicationId);
		return { content: { applicationId, names, count: names.length } };
	},
});
