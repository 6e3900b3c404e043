// Configures the test projects: unit (seconds, no Docker), simulation (minutes in a model, no Docker), integration (real git, HTTP,
// SQLite, Docker), e2e (the built server over stdio), and attack (what is hostile, against all of it), of which attack-quick is the
// part for every run.
import { defineConfig } from "vitest/config";

const withSandbox = { globalSetup: ["test/support/sandbox-setup.ts"] };

/** A wait within one has a deadline of its own; these are for what hangs. */
const attack = (name: "attack" | "attack-quick", minutes: number) => ({
	test: {
		name,
		sequence: { groupOrder: 5 },
		include: ["test/attack/**/*.test.ts"],
		provide: { attackPart: name === "attack" ? ("whole" as const) : ("quick" as const) },
		testTimeout: minutes * 60_000,
		hookTimeout: 120_000,
		maxWorkers: 2,
		...withSandbox,
	},
});

export default defineConfig({
	test: {
		projects: [
			{ test: { name: "unit", sequence: { groupOrder: 1 }, include: ["test/unit/**/*.test.ts"], maxWorkers: 2 } },
			{
				test: {
					name: "simulation",
					sequence: { groupOrder: 2 },
					include: ["test/simulation/**/*.test.ts"],
					testTimeout: 600_000,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: "integration",
					sequence: { groupOrder: 3 },
					include: ["test/integration/**/*.test.ts"],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					maxWorkers: 2,
					...withSandbox,
				},
			},
			{
				test: {
					name: "e2e",
					sequence: { groupOrder: 4 },
					include: ["test/e2e/**/*.test.ts"],
					testTimeout: 240_000,
					hookTimeout: 240_000,
					maxWorkers: 4,
					...withSandbox,
				},
			},
			attack("attack-quick", 5),
			attack("attack", 20),
		],
	},
});
