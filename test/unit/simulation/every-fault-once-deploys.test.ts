import { describe } from "vitest";
import { describeFaults } from "../../simulation/faults/describe-faults.ts";
import { openFindings } from "../../simulation/open-findings.ts";
import { deploys } from "../../simulation/stories/deploys.ts";

describe("every fault once, in", () => {
	describeFaults(deploys, "phases", openFindings);
});
