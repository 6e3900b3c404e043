// Runs `deploymill doctor`: whether everything that a deploy needs is there, and the cure where it is not.
import type { Redactor } from "../redact.ts";
import type { Check } from "./doctor/check.ts";
import { examine } from "./doctor/examine.ts";
import { report } from "./doctor/report.ts";
import type { Session } from "./session.ts";

/** Exit code 1 where a check failed. With `json`, stdout carries one JSON object and nothing else. */
export async function doctor({ json = false, notify = false }: { json?: boolean; notify?: boolean }, { redactor }: Session): Promise<void> {
	// Files of any library land in folders that only this user can enter.
	process.umask(0o077);
	const checks = (await examine(process.env, redactor, notify)).map((check) => masked(check, redactor));
	const ok = checks.every((check) => check.ok);
	console.log(json ? JSON.stringify({ ok, checks }, null, 2) : report(checks));
	process.exitCode = ok ? 0 : 1;
}

/** Words of others may hold env values too; those of ours would only be garbled by them. */
function masked({ output, ...check }: Check, redactor: Redactor): Check {
	return { ...redactor.maskDeep(check), ...(output === undefined ? {} : { output: redactor.mask(output) }) };
}
