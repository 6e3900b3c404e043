// Lists what `npm test` runs, in order.

export interface Stage {
	/** Also the name of its npm script. */
	name: string;
	/** A stage that takes longer is hung: it is ended and counts as failed. */
	limitMinutes: number;
	/** Its tests are counted from vitest's report; a stage without tests counts only when it fails. */
	hasTests?: boolean;
	/** Not started when one of these failed. */
	needs?: string[];
}

export const stages: Stage[] = [
	{ name: "lint", limitMinutes: 3 },
	{ name: "types", limitMinutes: 5 },
	{ name: "knip", limitMinutes: 3 },
	{ name: "unit", limitMinutes: 5, hasTests: true },
	{ name: "simulation", limitMinutes: 15, hasTests: true },
	{ name: "build", limitMinutes: 5 },
	{ name: "sandbox", limitMinutes: 15 },
	{ name: "integration", limitMinutes: 15, hasTests: true, needs: ["build", "sandbox"] },
	{ name: "e2e", limitMinutes: 40, hasTests: true, needs: ["build", "sandbox"] },
	// The whole of it is `npm run attack`.
	{ name: "attack-quick", limitMinutes: 15, hasTests: true, needs: ["build", "sandbox"] },
];
