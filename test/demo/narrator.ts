// Prints the demo: chapters with the time since the start; colours only on a terminal.
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Deployment } from "./deployment.ts";

const startedAt = performance.now();
const indent = "           ";

export function chapter(title: string): void {
	console.log(`\n${styleText("dim", clock())}  ${styleText("bold", title)}`);
}

export function tell(text: string): void {
	for (const line of text.split("\n")) console.log(`${indent}${line}`);
}

export function tellCall(tool: string, args: object): void {
	tell(styleText("cyan", `> ${tool} ${JSON.stringify(args)}`));
}

/** Something still goes on. */
export function tellProgress(text: string): void {
	console.log(`${styleText("dim", `${clock()}    ${text}`)}`);
}

export function tellEnd({ outcome, health, phases, durationMs, error, orchestrator }: Deployment): void {
	const colour = outcome === "live" ? "green" : "red";
	const spent = phases.map((item) => `${item.phase} ${seconds(item.durationMs)}`).join(", ");
	tell(`${styleText(colour, outcome)} after ${seconds(durationMs)} (${spent})`);
	for (const edge of health?.edges ?? []) tell(`${edge.url}: ${edge.verdict}${edge.error ? `, ${edge.error}` : ""}`);
	if (error) tell(`${error.code}: ${error.message}`);
	for (const line of orchestrator?.failedTasks?.[0]?.output?.split("\n").slice(0, 12) ?? []) tell(styleText("dim", `| ${line}`));
}

export function tellPage(url: string, { status, says }: { status: number; says: string }): void {
	tell(`${styleText("bold", "browser")}  ${url}  ${status}  ${styleText(status === 200 ? "green" : "red", says)}`);
}

/** Newest first, as `list_deployments` answers. */
export function tellDeployments(deployments: Deployment[]): void {
	const table = new Table({
		head: ["when", "kind", "commit", "outcome", "verdict", "rollbackId", "live"],
		style: { head: [], border: [], compact: true },
	});
	for (const item of deployments) {
		const when = item.startedAt.slice(11, 19);
		const commit = `${item.commit?.sha.slice(0, 7)} ${item.commit?.message}`;
		table.push([
			when,
			item.kind,
			commit,
			item.outcome,
			item.verdict ?? "-",
			(item.rollbackable && item.rollbackId) || "-",
			item.current ? "yes" : "",
		]);
	}
	console.log(table.toString());
}

function clock(): string {
	return `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s`;
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}
