// Lists what the stories found and nobody has mended yet. A line goes with its cause: the test that no longer finds it fails.
import type { OpenFindings } from "./faults/describe-faults.ts";

export const openFindings: OpenFindings = [];
