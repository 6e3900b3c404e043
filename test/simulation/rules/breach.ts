// Names a rule that was broken, and how.

export interface Breach {
	/** A sentence: what must hold. */
	rule: string;
	how: string;
}

export type TellBreach = (rule: string, how: string) => void;
