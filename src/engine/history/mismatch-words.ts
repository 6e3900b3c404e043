// Says in a sentence what runs on the Swarm in place of what deploymill last put there.
import type { Deployment, Mismatch } from "../../model/deployment.ts";

/** The image reference in it is a stranger's words: it was cleaned and cut when it was read, and stands between quotes. */
export function describeMismatch(mismatch: Mismatch): string {
	const { expected, kind } = mismatch;
	const nothing = kind === "scaled_to_zero" ? "No release of it was live yet." : nothingYet;
	const last = expected === undefined ? nothing : `The last it put there is ${expected}.`;
	return `${whatIsThere(mismatch)}. ${last}`;
}

const nothingYet = "This server has put nothing there yet; reconcile_project takes over what is there.";

function whatIsThere(mismatch: Mismatch): string {
	const { kind, deploymentId = "" } = mismatch;
	const image = `${JSON.stringify(mismatch.image ?? "")}${sinceWords(mismatch)}`;
	const share = shareWords(mismatch);
	switch (kind) {
		case "image":
			return `The service runs ${image}${share}, and deploymill did not put that image there`;
		case "unstamped":
			return `The service runs the right image (${image}), but deploymill's labels were taken off it or changed, and deploymill did not do that`;
		case "put_back":
			return `The service runs ${deploymentId} again, ${image}${share}, and deploymill did not put it back`;
		case "unknown_release":
			return `The service runs ${image}${share}, stamped ${deploymentId}, which this server does not know and did not put there: another deploymill, with a data folder of its own, may have`;
		case "not_ours":
			return `The service of this name runs ${image} and does not carry this application's labels; deploymill did not put it there`;
		case "scaled_to_zero":
			return `Nothing runs: the service, with the image ${image}, was scaled to 0 replicas, and deploymill did not do that`;
		case "gone":
			return "Nothing runs: the service is not there any more, since when is not known, and deploymill did not remove it";
		case "tasks":
			return `${shareOfTasks(mismatch)} run ${image}, which is not what the service asks for, and deploymill did not put it there`;
	}
}

/** As a deployment tells of what it replaces. */
export function mismatchWarnings({ mismatch, status, rolledOver }: Pick<Deployment, "mismatch" | "status" | "rolledOver">): string[] {
	if (!mismatch) return [];
	const lead = rolledOver ? "Replaced by this deployment" : status === "running" ? "To be replaced by this deployment" : "Found there";
	return [`${lead}: ${describeMismatch(mismatch)}${noWayBack(mismatch)}`];
}

/** As a dry run tells of what would be replaced. */
export function mismatchPreview(mismatch: Mismatch | undefined): string[] {
	return mismatch ? [`To be replaced: ${describeMismatch(mismatch)}${noWayBack(mismatch)}`] : [];
}

const foreignImages: ReadonlySet<Mismatch["kind"]> = new Set(["image", "unknown_release"]);

function noWayBack({ kind }: Mismatch): string {
	return foreignImages.has(kind) ? " No rollback of this server goes back to that image: note its reference if it may be needed." : "";
}

function sinceWords({ since, sinceAtLatest }: Mismatch): string {
	if (since !== undefined) return ` since ${since}`;
	return sinceAtLatest === undefined ? "" : ` since ${sinceAtLatest} at the latest`;
}

/** Only where not all of them do. */
function shareWords(mismatch: Mismatch): string {
	const { tasks } = mismatch;
	return tasks && tasks.running < tasks.of ? ` (${shareOfTasks(mismatch)} by now)` : "";
}

function shareOfTasks({ tasks = { running: 0, of: 0 } }: Mismatch): string {
	return `${tasks.running} of ${tasks.of} running tasks`;
}
