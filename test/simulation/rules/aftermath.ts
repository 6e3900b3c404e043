// Judges a world in which all faults are over and whoever had to settle something has: what must hold then, always.
import type { Deployment } from "../../../src/model/deployment.ts";
import { locked } from "../faults/menu.ts";
import type { Witness } from "./witness.ts";

/** @param isForeign somebody else's hand left something that no record tells of */
export function judgeAftermath(witness: Witness, isForeign: boolean): void {
	const { folder, truth } = witness;
	const deployments = folder.store.listDeployments(truth.applicationId, 100);
	for (const deployment of deployments) judgeDeployment(deployment, witness);
	const holder = folder.store.lockHolder(truth.applicationId);
	if (holder) witness.breach("no lock is left", `${holder.deploymentId} still holds it`);
	const open = folder.store.listOpenProbations(truth.applicationId);
	if (open.length > 0) witness.breach("no probation is left open", `${open[0]?.deploymentId}'s is`);
	if (!isForeign) judgeLive(deployments, witness);
	judgeReverts(deployments, witness);
	judgeRequests(deployments, witness);
	judgePoints(deployments, witness);
}

export function judgeCrashes(witness: Witness): void {
	for (const { process, error } of witness.world.crashes.filter(({ error }) => error !== locked)) {
		const how = error instanceof Error ? error.stack?.split("\n").slice(0, 4).join(" ") : String(error);
		witness.breach("no process dies of a fault", `${process}: ${how}`);
	}
}

function judgeDeployment(deployment: Deployment, witness: Witness): void {
	const { truth, changes } = witness;
	const { deploymentId, status, outcome, rolledOver } = deployment;
	if (status === "running") witness.breach("nothing is left running", `${deploymentId} is, in ${deployment.phase}`);
	const saysNothingWasSwapped = (outcome === "interrupted" || outcome === "cancelled") && rolledOver === false;
	if (saysNothingWasSwapped && truth.ran.has(deploymentId)) {
		witness.breach("not swapped means that it never ran", `${deploymentId} is ${outcome}, and a task of it ran`);
	}
	const { service } = truth;
	// Under somebody else's update that does not come to its end, tasks of before run on.
	const isOnItsWayOut = service && changes.foreignMs >= 0 && !truth.isOf({ template: service.spec.TaskTemplate }, deploymentId);
	const isThere = !isOnItsWayOut && truth.runningTasks().some((task) => truth.isOf(task, deploymentId));
	if (rolledOver === false && outcome !== "unchanged" && isThere) {
		witness.breach("what is recorded as not live does not run", `${deploymentId} is ${outcome}, and runs`);
	}
}

/** The newest that rolled over is what runs; nothing, where none did. */
function judgeLive(deployments: Deployment[], witness: Witness): void {
	const { truth } = witness;
	const live = deployments.find(({ rolledOver }) => rolledOver === true);
	const isTrue = live ? truth.runsAlone(live.deploymentId) : truth.runningTasks().length === 0;
	const said = live ? `${live.deploymentId} (${live.outcome})` : "nothing";
	if (!isTrue) witness.breach("what is reported live is what runs", `${said} is reported, and ${truth.words} runs`);
}

function judgeReverts(deployments: Deployment[], witness: Witness): void {
	const reverts = Map.groupBy(
		deployments.filter(({ kind }) => kind === "auto_rollback"),
		({ causedBy }) => causedBy,
	);
	for (const [causedBy, all] of reverts) {
		if (all.length > 1) witness.breach("one revert a deployment", `${causedBy} has ${all.length}`);
		const { autoRollback, outcome } = deployments.find(({ deploymentId }) => deploymentId === causedBy) ?? {};
		const isTold = autoRollback?.attempted === true && (outcome === "rolled_back" || outcome === "degraded");
		if (!isTold) witness.breach("a revert is told by the deploy it is for", `${causedBy} is ${outcome}`);
	}
}

function judgeRequests(deployments: Deployment[], witness: Witness): void {
	const requests = Map.groupBy(
		deployments.filter(({ requestId }) => requestId !== undefined),
		({ requestId }) => requestId,
	);
	for (const [requestId, all] of requests)
		if (all.length > 1) witness.breach("one deployment a request", `${all.length} have the id ${requestId}`);
}

function judgePoints(deployments: Deployment[], witness: Witness): void {
	const { folder, truth } = witness;
	for (const { rollbackId, deploymentId, unusableBecause = "" } of folder.store.listRollbackPoints(truth.applicationId)) {
		const owner = deployments.find((deployment) => deployment.deploymentId === deploymentId);
		const isForeign = owner?.rolledOver === true && unusableBecause !== "" && !/retention|registry no longer has/.test(unusableBecause);
		if (isForeign) witness.breach("a usable point is kept", `${rollbackId} of ${deploymentId} was given up: ${unusableBecause}`);
		if (owner?.rolledOver === undefined) continue;
		const neverRan = owner.rolledOver === false && owner.outcome !== "unchanged" && !truth.ran.has(deploymentId);
		if (neverRan && unusableBecause === "") {
			witness.breach("a point of what never ran is not offered", `${rollbackId} of ${deploymentId} (${owner.outcome})`);
		}
	}
}
