// Carries the fault of a swap that was given up while it is certain that nothing was put on the service.
import type { DeploymillError } from "../../errors.ts";

export class NotSwapped extends Error {
	override name = "NotSwapped";
	readonly fault: DeploymillError;

	constructor(fault: DeploymillError) {
		super(fault.message, { cause: fault });
		this.fault = fault;
	}
}
