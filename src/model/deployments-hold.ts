// Describes a hold on an application: a person's word that nothing is to be deployed for now.

export interface DeploymentsHold {
	/** Who holds it, as `requestedBy` of a deployment says it. */
	by: string;
	since: string;
	reason?: string;
}
