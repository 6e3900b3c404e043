// Finds the application or deployment a caller names, with errors that say what there is.
import { quote } from "../config/quote.ts";
import { DeploymillError } from "../errors.ts";
import type { Application } from "../model/application.ts";
import type { Deployment } from "../model/deployment.ts";
import type { Store } from "./ports/store.ts";

/** @throws application_not_found */
export function findApplication(store: Store, applicationId: string): Application {
	const application = store.findApplication(applicationId);
	if (application) return application;
	const known = store.listApplications().map((item) => item.applicationId);
	const list =
		known.length > 0
			? `This server knows ${known.slice(0, 20).join(", ")}.`
			: "None is registered yet: call reconcile_project with a repoUrl.";
	throw new DeploymillError("application_not_found", `applicationId: no application ${quote(applicationId)}. ${list}`);
}

/** @throws deployment_not_found */
export function findDeployment(store: Store, deploymentId: string): Deployment {
	const deployment = store.findDeployment(deploymentId);
	if (deployment) return deployment;
	throw new DeploymillError("deployment_not_found", `deploymentId: no deployment ${quote(deploymentId)} on this server.`);
}
