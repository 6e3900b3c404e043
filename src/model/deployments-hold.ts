// Describes a hold on an application: a person asked that nothing is deployed for now.

export interface DeploymentsHold {
	/** Who holds it, as `requestedBy` of a deployment says it. */
	by: string;
	since: string;
	reason?: string;
}
