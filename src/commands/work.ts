// Owns `deploymill worker`: the detached process that runs one deployment to its end.
import { runDeployment } from "../engine/pipeline/worker.ts";
import { wire } from "../wire.ts";

export async function work(deploymentId: string): Promise<void> {
	const { engine, close } = wire(process.env);
	try {
		await runDeployment(engine, deploymentId);
	} catch (error) {
		// The lease runs out, and whoever looks next settles what is left.
		engine.log.error({ deploymentId, error: error instanceof Error ? error.stack : String(error) }, "the worker ended early");
		process.exitCode = 1;
	} finally {
		close();
	}
	process.exit();
}
