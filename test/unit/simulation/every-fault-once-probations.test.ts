import { describe } from "vitest";
import { describeFaults } from "../../simulation/faults/describe-faults.ts";
import { openFindings } from "../../simulation/open-findings.ts";
import { probations } from "../../simulation/stories/probations.ts";

describe("every fault once, in", () => {
	describeFaults(probations, "phases", openFindings);
});
