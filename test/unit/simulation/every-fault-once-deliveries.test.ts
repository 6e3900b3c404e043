import { describe } from "vitest";
import { describeFaults } from "../../simulation/faults/describe-faults.ts";
import { openFindings } from "../../simulation/open-findings.ts";
import { deliveries } from "../../simulation/stories/deliveries.ts";

describe("every fault once, in", () => {
	describeFaults(deliveries, "phases", openFindings);
});
