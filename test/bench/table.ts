// Prints what the cases found, as a Markdown table that `guides/performance.md` takes over, or as JSON.
import type { Ratio } from "./pairs.ts";
import type { Row } from "./row.ts";

export function asTable(rows: Row[]): string {
	const lines = rows.map(({ what, ours, against, ratio, aim }) => [what, ours, against ?? "", ratio ? shown(ratio) : "", aim ?? ""]);
	const table = [["what", "deploymill", "against", "ratio (lowest to highest)", "aim"], ["---", "---", "---", "---", "---"], ...lines];
	const notes = rows.flatMap(({ what, note }) => (note ? [`- ${what}: ${note}`] : []));
	return [...table.map((cells) => `| ${cells.join(" | ")} |`), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

export function asJson(rows: Row[], engineVersion: string | undefined): string {
	return JSON.stringify({ at: new Date().toISOString(), node: process.versions.node, engine: engineVersion ?? null, rows }, null, 2);
}

function shown({ median, lowest, highest }: Ratio): string {
	return `${median.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}
