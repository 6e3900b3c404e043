// Takes down what an app printed last when its release is found unhealthy, so that nobody has to ask for its log.
import { errorMessage } from "../../errors.ts";
import type { Deployment, LastLines } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { isOfRevision, isRunning, type Revision } from "../service/revision.ts";

/** Two are enough to tell why. */
const mostTasks = 2;

/** Best effort, within seconds, and never throws: a verdict stands without it. Nothing where no task has a word to say. */
export async function lastLines(
	{ swarm, log }: Pick<Engine, "swarm" | "log">,
	applicationId: string,
	ours: Revision,
): Promise<Pick<Deployment, "lastLines">> {
	try {
		const tasks = (await swarm.listTasks(applicationId)).filter((task) => isOfRevision(task, ours));
		const chosen = [...tasks.filter(isRunning), ...tasks.filter((task) => !isRunning(task))].slice(0, mostTasks);
		const heard = await Promise.all(chosen.map((task) => swarm.lastWords(task)));
		const lines = heard.flatMap(({ taskId, node, output }): LastLines[] => (output ? [{ taskId, node, output }] : []));
		return lines.length > 0 ? { lastLines: lines } : {};
	} catch (error) {
		log.warn({ deploymentId: ours.deploymentId, error: errorMessage(error) }, "the app's last lines were not taken down");
		return {};
	}
}
