// Tells all stories of deploys that somebody or something interferes with, at many more calls than the unit tests do.
import { describe } from "vitest";
import { describeFaults } from "../faults/describe-faults.ts";
import { openFindings } from "../open-findings.ts";
import { disturbances } from "../stories/disturbances.ts";

describe("every fault once, in", () => {
	describeFaults(disturbances, "situations", openFindings);
});
