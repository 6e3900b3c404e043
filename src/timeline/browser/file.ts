// Shows the timeline of the file it stands in.
import type { Timeline } from "../timeline.ts";
import { showTimeline } from "./show.ts";

const place = document.getElementById("timeline");
const data = document.getElementById("data")?.textContent;
if (place && data) showTimeline(place, JSON.parse(data) as Timeline);
