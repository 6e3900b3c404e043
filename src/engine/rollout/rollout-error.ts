// Describes why a rollout did not come to its end: which error code, and whose words.
import { DeploymillError } from "../../errors.ts";
import type { OrchestratorReport } from "../../model/deployment.ts";
import type { RolloutEnd } from "./watch.ts";

/** The code tells an image that could not be pulled from tasks that came and ended. */
export function rolloutError(end: RolloutEnd, report: OrchestratorReport): DeploymillError {
	if (end.state === "timed_out") {
		const held = {
			unplaced: "no node took them",
			pulling: "nodes were still fetching the image",
			starting: "they did not come up",
			stopping: "the old tasks did not end",
			restoring: "Swarm took them back, and the old ones did not come up again",
		};
		return new DeploymillError("rollout_timeout", `The new tasks were given up: ${held[end.hold]}.`, { details: { hold: end.hold } });
	}
	if (end.state === "superseded") {
		return new DeploymillError("rollout_failed", `The rollout was overtaken: ${end.because}.`, {
			hint: "Call get_app_health to see what runs now, and find out who else changes this service.",
			details: { superseded: true },
		});
	}
	const [task] = report.failedTasks ?? [];
	if (task?.state === "rejected") return rejectedError(task.error ?? "");
	if (task?.unhealthy) {
		return new DeploymillError(
			"rollout_failed",
			"The new version did not stay up: the container health check of a new task failed, and Swarm stopped it.",
		);
	}
	const exit = task?.exitCode === undefined ? "" : ` with exit code ${task.exitCode}`;
	const why = task ? `a new task ended${exit} (${task.state})` : "Swarm gave the new tasks up";
	return new DeploymillError("rollout_failed", `The new version did not stay up: ${why}.`);
}

function rejectedError(words: string): DeploymillError {
	if (/unauthorized|denied|authentication|no basic auth/i.test(words)) {
		return new DeploymillError("registry_auth_failed", "A node could not pull the image: the registry refused the credentials.");
	}
	if (/no such image|not found|manifest unknown/i.test(words)) {
		return new DeploymillError(
			"image_missing",
			"A node could not pull the image: the registry does not have it, or the node does not reach the registry.",
		);
	}
	return new DeploymillError("rollout_failed", "A node refused the new task before it started.");
}
