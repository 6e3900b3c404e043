import { describe } from "vitest";
import { describeFaults } from "../../simulation/faults/describe-faults.ts";
import { openFindings } from "../../simulation/open-findings.ts";
import { returns } from "../../simulation/stories/returns.ts";

describe("every fault once, in", () => {
	describeFaults(returns, "phases", openFindings);
});
