// Reads durations as people write them: 90s, 10m, 2h.

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds; undefined for what is no duration. */
export function durationMs(text: string): number | undefined {
	const [, count, unit] = /^(\d{1,9})(s|m|h)$/.exec(text) ?? [];
	return unit === undefined ? undefined : Number(count) * unitsMs[unit as keyof typeof unitsMs];
}
