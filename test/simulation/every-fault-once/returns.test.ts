// Tells all stories of rollbacks, cancels and what is resumed, at many more calls than the unit tests do.
import { describe } from "vitest";
import { describeFaults } from "../faults/describe-faults.ts";
import { openFindings } from "../open-findings.ts";
import { otherReturns, returns } from "../stories/returns.ts";

describe("every fault once, in", () => {
	describeFaults([...returns, ...otherReturns], "situations", openFindings);
});
