// Lists the tools, in the order an agent meets them.
import type { Tool } from "./tool.ts";
import { cancelDeployment } from "./tools/cancel-deployment.ts";
import { confirmDeployment } from "./tools/confirm-deployment.ts";
import { deploy } from "./tools/deploy.ts";
import { getAppHealth } from "./tools/get-app-health.ts";
import { getDeployment } from "./tools/get-deployment.ts";
import { getLogs } from "./tools/get-logs.ts";
import { listApplications } from "./tools/list-applications.ts";
import { listDeployments } from "./tools/list-deployments.ts";
import { listEnvVars } from "./tools/list-env-vars.ts";
import { reconcileProject } from "./tools/reconcile-project.ts";
import { rollback } from "./tools/rollback.ts";
import { setEnvVars } from "./tools/set-env-vars.ts";
import { setHold } from "./tools/set-hold.ts";

const all: Tool[] = [
	listApplications,
	reconcileProject,
	deploy,
	getDeployment,
	cancelDeployment,
	confirmDeployment,
	listDeployments,
	rollback,
	setHold,
	getAppHealth,
	getLogs,
	setEnvVars,
	listEnvVars,
];

/** A read-only server has only the tools that change nothing. */
export function catalogue(readOnly: boolean): Tool[] {
	return readOnly ? all.filter(({ hints }) => hints.readOnlyHint) : all;
}

export function findTool(name: string): Tool | undefined {
	return all.find((tool) => tool.name === name);
}
