// Counts how many tests of a vitest run passed and failed, from its JSON report.
import { readFile } from "node:fs/promises";

export interface Tally {
	passed: number;
	failed: number;
}

/** The part of vitest's JSON report that is counted. */
interface Report {
	numPassedTests: number;
	numFailedTests: number;
	testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** Never without a failure where the run failed: a run that ended before its tests has counted none. */
export async function tally(reportFile: string, runWasOk: boolean): Promise<Tally> {
	const { passed, failed } = await countReport(reportFile);
	const somethingIsWrong = !runWasOk || passed + failed === 0;
	return { passed, failed: somethingIsWrong ? Math.max(failed, 1) : failed };
}

async function countReport(reportFile: string): Promise<Tally> {
	try {
		const report = JSON.parse(await readFile(reportFile, "utf8")) as Report;
		return { passed: report.numPassedTests, failed: report.numFailedTests + filesThatBroke(report) };
	} catch {
		return { passed: 0, failed: 0 };
	}
}

/** A file that could not be loaded, or whose hooks failed, has no failed test to show for it. */
function filesThatBroke({ testResults }: Report): number {
	const broke = testResults.filter(
		({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
	);
	return broke.length;
}
