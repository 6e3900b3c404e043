// Judges a world in which all faults are over and whoever had to settle something has: what must hold then, always.
import type { Deployment } from "../../../src/model/deployment.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { World } from "../world/world.ts";
import { locked } from "./menu.ts";
import type { Witness } from "./witness.ts";

const applicationId = "hello";

export function judgeAftermath(world: World, folder: DataFolder, witness: Witness, endsForeign: boolean): void {
	const deployments = folder.store.listDeployments(applicationId, 100);
	for (const deployment of deployments) judgeDeployment(deployment, witness);
	const holder = folder.store.lockHolder(applicationId);
	if (holder) witness.breach("no lock is left", `${holder.deploymentId} still holds it`);
	for (const { process, error } of world.crashes.filter(({ error }) => error !== locked)) {
		witness.breach(
			"no process dies of a fault",
			`${process}: ${error instanceof Error ? error.stack?.split("\n").slice(0, 4).join(" ") : String(error)}`,
		);
	}
	if (!endsForeign) judgeLive(deployments, witness);
	judgeReverts(deployments, witness);
	judgePoints(deployments, folder, witness);
}

function judgeDeployment(deployment: Deployment, witness: Witness): void {
	const { deploymentId, status, outcome, rolledOver } = deployment;
	if (status === "running") witness.breach("nothing is left running", `${deploymentId} is, in ${deployment.phase}`);
	const saysNothingWasSwapped = outcome === "interrupted" || outcome === "cancelled";
	if (saysNothingWasSwapped && witness.ran.has(deploymentId)) {
		witness.breach("not swapped means that it never ran", `${deploymentId} is ${outcome}, and a task of it ran`);
	}
	const isThere = witness.runningTasks().some((task) => witness.isOf(task, deploymentId));
	if (rolledOver === false && outcome !== "unchanged" && isThere) {
		witness.breach("what is recorded as not live does not run", `${deploymentId} is ${outcome}, and runs`);
	}
}

/** The newest that rolled over is what runs; nothing, where none did. */
function judgeLive(deployments: Deployment[], witness: Witness): void {
	const live = deployments.find(({ rolledOver }) => rolledOver === true);
	const isTrue = live ? witness.runsAlone(live.deploymentId) : witness.runningTasks().length === 0;
	const said = live ? `${live.deploymentId} (${live.outcome})` : "nothing";
	if (!isTrue) witness.breach("what is reported live is what runs", `${said} is reported, and ${witness.truth} runs`);
}

function judgeReverts(deployments: Deployment[], witness: Witness): void {
	const reverts = Map.groupBy(
		deployments.filter(({ kind }) => kind === "auto_rollback"),
		({ causedBy }) => causedBy,
	);
	for (const [causedBy, all] of reverts) if (all.length > 1) witness.breach("one revert a deployment", `${causedBy} has ${all.length}`);
}

function judgePoints(deployments: Deployment[], folder: DataFolder, witness: Witness): void {
	for (const { rollbackId, deploymentId, unusableBecause = "" } of folder.store.listRollbackPoints(applicationId)) {
		const owner = deployments.find((deployment) => deployment.deploymentId === deploymentId);
		const isForeign = owner?.rolledOver === true && unusableBecause !== "" && !/retention|registry no longer has/.test(unusableBecause);
		if (isForeign) witness.breach("a usable point is kept", `${rollbackId} of ${deploymentId} was given up: ${unusableBecause}`);
		if (owner?.rolledOver === undefined) continue;
		const neverRan = owner.rolledOver === false && owner.outcome !== "unchanged" && !witness.ran.has(deploymentId);
		if (neverRan && unusableBecause === "") {
			witness.breach("a point of what never ran is not offered", `${rollbackId} of ${deploymentId} (${owner.outcome})`);
		}
	}
}
