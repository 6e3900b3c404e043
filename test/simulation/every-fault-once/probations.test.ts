// Tells all stories of bakes and confirmations, at many more calls than the unit tests do.
import { describe } from "vitest";
import { describeFaults } from "../faults/describe-faults.ts";
import { openFindings } from "../open-findings.ts";
import { otherProbations, probations } from "../stories/probations.ts";

describe("every fault once, in", () => {
	describeFaults([...probations, ...otherProbations], "situations", openFindings);
});
