// Shows a reconcile's plan in an answer: cut to a size, since a project file may ask for any number of things.
import type { Plan } from "../engine/reconcile/plan.ts";

const longestText = 200;
/** Of a list so many items are shown: the first number with which the plan fits. */
const mostItems = [50, 10, 3];
const mostCharacters = 16_000;

/** Texts and lists as long as an answer has room for; a list that is cut ends with how much more there is. */
export function viewPlan(plan: Plan): Record<string, unknown> {
	const views = mostItems.map((most) => cut(plan, most) as Record<string, unknown>);
	return views.find((view) => JSON.stringify(view).length <= mostCharacters) ?? (views.at(-1) as Record<string, unknown>);
}

function cut(value: unknown, most: number): unknown {
	if (typeof value === "string") return value.length <= longestText ? value : `${value.slice(0, longestText - 1).toWellFormed()}…`;
	if (Array.isArray(value)) {
		const shown = value.slice(0, most).map((item) => cut(item, most));
		return value.length <= most ? shown : [...shown, `… and ${value.length - most} more`];
	}
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, most)]));
}
