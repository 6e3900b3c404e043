// Defines what a benchmark case tells: a row of the table, and how a case is run.
import type { Ratio } from "./pairs.ts";

export interface Row {
	/** What was done, e.g. `rollback: call to the edge serving the old version`. */
	what: string;
	/** Of deploymill, with its unit. */
	ours: string;
	/** What it is compared with, and its figure; absent where it stands alone. */
	against?: string;
	ratio?: Ratio;
	/** The ratio, or the figure, that is aimed at. */
	aim?: string;
	/** What one has to know to read it. */
	note?: string;
}

export interface Case {
	/** `npm run bench -- NAME` runs it alone. */
	name: string;
	needsSandbox: boolean;
	run(tell: (progress: string) => void): Promise<Row[]>;
}
