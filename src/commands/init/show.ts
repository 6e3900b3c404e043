// Prints init's plan and its result.
import type { NewSettings } from "./apply.ts";
import type { Plan } from "./plan.ts";

export function showPlan({ steps, kept, notes, obstacles }: Plan, endpoint: string): string {
	const paragraphs = [
		`Docker: ${endpoint}`,
		list("There, and left alone", kept),
		list(
			"To make",
			steps.map(({ what, cause }) => `${what}\n  because ${cause}`),
		),
		list("To know", notes),
		list("In the way", obstacles),
	];
	return paragraphs.filter((text) => text !== "").join("\n\n");
}

/** Lines to paste; the password is in no other place. */
export function showSettings(settings: NewSettings): string {
	const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
	return [
		"Give the deploymill server these settings (the env of its entry in the MCP client). The password is shown this once:",
		"",
		...lines,
		"",
	].join("\n");
}

function list(title: string, items: string[]): string {
	return items.length === 0 ? "" : `${title}:\n${items.map((item) => `- ${item.replaceAll("\n", "\n  ")}`).join("\n")}`;
}
