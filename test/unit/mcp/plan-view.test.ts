import { expect, test } from "vitest";
import type { Plan } from "../../../src/engine/reconcile/plan.ts";
import { type PlanInput, planConfig } from "../../../src/engine/reconcile/plan-config.ts";
import { viewPlan } from "../../../src/mcp/plan-view.ts";
import { config } from "../engine/records.ts";

function planOf(input: Partial<PlanInput>, over: Partial<Plan> = {}): Plan {
	const { steps, domains, mounts, warnings } = planConfig({
		applied: config(),
		wanted: config(),
		declaresReplicas: true,
		heldHosts: new Map(),
		prune: false,
		commit: "abc1234",
		...input,
	});
	const { rollback, health } = config();
	return {
		steps,
		rollback: { ...rollback, was: rollback },
		health: { ...health, containerIntervalMs: 3000 },
		orchestratorGate: { on: false, because: "no health block", monitorMs: 5000 },
		domains,
		mounts,
		ignored: [],
		warnings,
		...over,
	};
}

test("a plan of usual size is shown as it is", () => {
	const plan = planOf({ wanted: config({ domains: ["a.test", "b.test"], replicas: 3 }) }, { ignored: ["database"] });
	expect(viewPlan(plan)).toEqual(plan);
});

test("the largest plan that a project file can make stays within what an answer has room for", () => {
	const label = "x".repeat(60);
	const domains = Array.from({ length: 101 }, (_, index) => `${label}.${label}.${label}.h${index}.test`);
	const mounts = Array.from({ length: 50 }, (_, index) => ({ volumeName: `v${index}${label}`, mountPath: `/${"m".repeat(3000)}${index}` }));
	const migrations = Array.from({ length: 50 }, (_, index) => `${"m".repeat(190)}${index}`);
	const args = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${"A".repeat(300)}${index}`, "1"]));
	const wanted = config({ domains, mounts, migrations, build: { dockerfile: "d".repeat(255), context: "c".repeat(255), args } });
	const view = viewPlan(planOf({ wanted }, { warnings: Array.from({ length: 500 }, () => "w".repeat(2000)) }));
	expect(JSON.stringify(view).length).toBeLessThan(16_000);
	expect(view.domains).toMatchObject({ add: expect.arrayContaining([domains[0], "… and 91 more"]) });
	expect(view.warnings).toHaveLength(11);
});
