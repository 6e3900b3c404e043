// Tells of a dry run why the call itself would be refused.
import { DeploymillError, type ErrorCode } from "../../errors.ts";

/** The refusal that the call would meet first. What overrides it, if anything does, is a person's to give. */
export interface WouldBeRefused {
	code: ErrorCode;
	message: string;
	hint: string;
}

/** Asks as the call would, one check after the other. @returns undefined where none of them throws */
export async function firstRefusal(checks: readonly (() => unknown)[]): Promise<WouldBeRefused | undefined> {
	for (const check of checks) {
		try {
			await check();
		} catch (error) {
			if (!(error instanceof DeploymillError)) throw error;
			const { code, message, hint } = error.toBody();
			return { code, message, hint };
		}
	}
	return undefined;
}
