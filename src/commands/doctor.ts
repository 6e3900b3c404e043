// Owns `deploymill doctor`: whether everything that a deploy needs is there, and the cure where it is not.
import { Redactor } from "../redact.ts";
import { examine } from "./doctor/examine.ts";
import { report } from "./doctor/report.ts";

/** Exit code 1 where a check failed. With `json`, stdout carries one JSON object and nothing else. */
export async function doctor({ json = false }: { json?: boolean }): Promise<void> {
	// Files of any library land in folders that only this user can enter.
	process.umask(0o077);
	const redactor = new Redactor();
	const checks = redactor.maskDeep(await examine(process.env, redactor));
	const ok = checks.every((check) => check.ok);
	console.log(json ? JSON.stringify({ ok, checks }, null, 2) : report(checks));
	process.exitCode = ok ? 0 : 1;
}
