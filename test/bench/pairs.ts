// Compares two ways of doing a thing pair by pair, one right after the other: what else the machine does falls on both.

/** Median of the ratios of all pairs, with the lowest and the highest. */
export interface Ratio {
	median: number;
	lowest: number;
	highest: number;
	pairs: number;
}

/** Figures of one round, by name. */
export type Round<Name extends string> = Record<Name, number>;

/** Runs `round` so many times; the first, which warms caches, does not count. */
export async function rounds<Name extends string>(
	count: number,
	tell: (progress: string) => void,
	round: (index: number) => Promise<Round<Name>>,
): Promise<Round<Name>[]> {
	const all: Round<Name>[] = [];
	for (let index = 0; index <= count; index++) {
		const figures = await round(index);
		const shown = Object.entries<number>(figures).map(([name, value]) => `${name} ${value.toFixed(0)}`);
		tell(`${index === 0 ? "warm-up" : `round ${index} of ${count}`}: ${shown.join(", ")}`);
		if (index > 0) all.push(figures);
	}
	return all;
}

export function ratioOf<Name extends string>(all: Round<Name>[], ours: Name, against: Name): Ratio {
	const ratios = all.map((figures) => figures[ours] / figures[against]).sort((a, b) => a - b);
	return { median: median(ratios), lowest: ratios[0]!, highest: ratios.at(-1)!, pairs: ratios.length };
}

export function medianOf<Name extends string>(all: Round<Name>[], name: Name): number {
	return median(all.map((figures) => figures[name]));
}

export function median(values: number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

export function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(2)} s`;
}

export function milliseconds(ms: number): string {
	return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
