// Runs one check of the doctor, and catches whatever it throws.
import { DeploymillError, errorMessage } from "../../errors.ts";

export interface Check {
	name: string;
	/** False also for one that was skipped: it is not known to be well. */
	ok: boolean;
	/** `warning` is well, with something to know; `skipped`: what it needs is not well. */
	status: "ok" | "warning" | "failed" | "skipped";
	detail: string;
	/** What to do about it. */
	cure?: string;
	/** Words of Docker or a registry, fenced: untrusted. */
	output?: string;
}

/** What a look came to. Looks throw where something is wrong: the error's hint is the cure. */
export interface Finding<T> {
	detail: string;
	/** Makes it a warning. */
	cure?: string;
	/** For the checks that need this one. */
	value: T;
}

/** A check that runs, or ran. Never rejects. */
export type Step<T> = Promise<{ check: Check; found?: { value: T } }>;

const longestFault = 2000;

type Needs = readonly Step<unknown>[];
type ValuesOf<Steps extends Needs> = { -readonly [Index in keyof Steps]: Steps[Index] extends Step<infer T> ? T : never };

/** Looks as soon as all it needs is well; where something of that is not, it is skipped. */
export async function begin<T, const Steps extends Needs>(
	name: string,
	needs: Steps,
	look: (...values: ValuesOf<Steps>) => Promise<Finding<T>> | Finding<T>,
): Step<T> {
	const earlier = await Promise.all(needs);
	const unwell = earlier.filter(({ found }) => !found).map(({ check }) => check.name);
	if (unwell.length > 0) return { check: { name, ok: false, status: "skipped", detail: `not checked: ${unwell.join(" and ")} first` } };
	try {
		const { detail, cure, value } = await look(...(earlier.map(({ found }) => found?.value) as ValuesOf<Steps>));
		const status = cure === undefined ? "ok" : "warning";
		return { check: { name, ok: true, status, detail, ...(cure === undefined ? {} : { cure }) }, found: { value } };
	} catch (error) {
		return { check: failure(name, error) };
	}
}

/** A fault that is none of ours still has to be told, as words of others: nobody else will look at it. */
function failure(name: string, error: unknown): Check {
	const failed = { name, ok: false, status: "failed" } as const;
	if (!(error instanceof DeploymillError)) {
		return { ...failed, detail: "a fault that deploymill does not know", output: errorMessage(error).slice(0, longestFault) };
	}
	const output = error.details?.output ?? error.details?.log;
	return { ...failed, detail: error.message, cure: error.hint, ...(typeof output === "string" ? { output } : {}) };
}
