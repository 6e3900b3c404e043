// Prints the doctor's report: a line per check, and the cure below each one that failed.
import { styleText } from "node:util";
import type { Check } from "./check.ts";

const marks = { ok: "ok", warning: "warning", failed: "FAILED", skipped: "skipped" } as const;
const colours = { ok: "green", warning: "yellow", failed: "red", skipped: "dim" } as const;

export function report(checks: Check[]): string {
	const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2;
	const markWidth = "skipped".length + 2;
	const indent = " ".repeat(nameWidth + markWidth);
	const lines = checks.map(({ name, status, detail, cure, output }) => {
		const mark = styleText(colours[status], marks[status].padEnd(markWidth), { stream: process.stdout });
		const rest = [detail, ...(output ? [output] : []), ...(cure ? [`-> ${cure}`] : [])].join("\n").replaceAll("\n", `\n${indent}`);
		return `${name.padEnd(nameWidth)}${mark}${rest}`;
	});
	return [...lines, "", summary(checks)].join("\n");
}

function summary(checks: Check[]): string {
	const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
	const failed = count("failed");
	if (failed === 0) return `All is well${count("warning") > 0 ? ", with something to know above" : ""}.`;
	return `${failed} of ${checks.length} checks failed${count("skipped") > 0 ? `, ${count("skipped")} could not be made` : ""}.`;
}
