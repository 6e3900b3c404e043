// Combines the verdicts of edges into the application's.
import type { Edge, Verdict } from "../../model/health.ts";

/**
 * Contract section 6: healthy when every conclusive edge is, unhealthy when at least one is not, inconclusive when none is
 * conclusive. Null for an application without edges (a worker), which is never judged.
 */
export function judgeApplication(edges: readonly Pick<Edge, "verdict">[]): Verdict | null {
	if (edges.length === 0) return null;
	const conclusive = edges.filter((edge) => edge.verdict !== "inconclusive");
	if (conclusive.length === 0) return "inconclusive";
	return conclusive.every((edge) => edge.verdict === "healthy") ? "healthy" : "unhealthy";
}
