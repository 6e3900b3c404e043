// Three projects: unit (seconds, no Docker), integration (real git, HTTP, SQLite, Docker), e2e (the built server over stdio).
import { defineConfig } from "vitest/config";

const withSandbox = { globalSetup: ["test/support/sandbox-setup.ts"] };

export default defineConfig({
	test: {
		projects: [
			{ test: { name: "unit", sequence: { groupOrder: 1 }, include: ["test/unit/**/*.test.ts"] } },
			{
				test: {
					name: "integration",
					sequence: { groupOrder: 2 },
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
					sequence: { groupOrder: 3 },
					include: ["test/e2e/**/*.test.ts"],
					testTimeout: 240_000,
					hookTimeout: 240_000,
					maxWorkers: 3,
					...withSandbox,
				},
			},
		],
	},
});
