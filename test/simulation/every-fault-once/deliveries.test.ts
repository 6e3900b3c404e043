// Tells all stories of events and their delivery, at many more calls than the unit tests do.
import { describe } from "vitest";
import { describeFaults } from "../faults/describe-faults.ts";
import { openFindings } from "../open-findings.ts";
import { deliveries, otherDeliveries } from "../stories/deliveries.ts";

describe("every fault once, in", () => {
	describeFaults([...deliveries, ...otherDeliveries], "situations", openFindings);
});
