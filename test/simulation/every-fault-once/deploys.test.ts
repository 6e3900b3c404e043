// Tells all stories of deploys, at many more calls than the unit tests do.
import { describe } from "vitest";
import { describeFaults } from "../faults/describe-faults.ts";
import { openFindings } from "../open-findings.ts";
import { deploys, otherDeploys } from "../stories/deploys.ts";

describe("every fault once, in", () => {
	describeFaults([...deploys, ...otherDeploys], "situations", openFindings);
});
