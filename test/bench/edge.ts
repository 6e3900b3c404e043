// Tells when an edge begins to serve a version: asked again and again, a few milliseconds apart, each time as a new visitor.
import { setTimeout as pause } from "node:timers/promises";
import type { Ingress } from "../support/ingress.ts";

const everyMs = 5;

/** When a version was seen at an edge. */
export interface Sightings {
	/** `performance.now()` of its first and its last answer. */
	firstAt: number;
	lastAt: number;
}

const patienceMs = 60_000;

/** `performance.now()` of the first answer with this body. */
export async function servedAt(ingress: Ingress, host: string, version: string): Promise<number> {
	const deadline = performance.now() + patienceMs;
	for (;;) {
		const page = await ingress.get(host).catch(() => undefined);
		const now = performance.now();
		if (page?.status === 200 && page.body === version) return now;
		if (now > deadline) throw new Error(`${host} did not serve ${version} within ${patienceMs / 1000} s`);
		await pause(everyMs);
	}
}

/** When this version was served, for as long as `work` goes on: with several tasks behind an edge others may answer in between. */
export async function sightingsOf(ingress: Ingress, host: string, version: string, work: Promise<unknown>): Promise<Sightings> {
	let isOver = false;
	const over = () => {
		isOver = true;
	};
	work.then(over, over);
	const seen: number[] = [];
	while (!isOver) {
		const page = await ingress.get(host).catch(() => undefined);
		if (page?.body === version) seen.push(performance.now());
		await pause(everyMs);
	}
	if (seen.length === 0) throw new Error(`${host} never served ${version}`);
	return { firstAt: seen[0]!, lastAt: seen.at(-1)! };
}
