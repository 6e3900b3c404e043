// All stories, at many more calls than in the unit tests. Like those they need no Docker: they are here for the time they take.
import { describe } from "vitest";
import { describeFaults } from "../../../simulation/faults/describe-faults.ts";
import { openFindings } from "../../../simulation/open-findings.ts";
import { deliveries, otherDeliveries } from "../../../simulation/stories/deliveries.ts";
import { deploys, otherDeploys } from "../../../simulation/stories/deploys.ts";
import { disturbances } from "../../../simulation/stories/disturbances.ts";
import { otherProbations, probations } from "../../../simulation/stories/probations.ts";
import { otherReturns, returns } from "../../../simulation/stories/returns.ts";

describe("every fault once, in", () => {
	describeFaults(
		[
			...deploys,
			...otherDeploys,
			...returns,
			...otherReturns,
			...disturbances,
			...deliveries,
			...otherDeliveries,
			...probations,
			...otherProbations,
		],
		"situations",
		openFindings,
	);
});
