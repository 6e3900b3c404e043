// Tells when an edge begins to serve a version: asked again and again, a few milliseconds apart, each time as a new visitor.
import { setTimeout as pause } from "node:timers/promises";
import type { Ingress } from "../support/ingress.ts";

const everyMs = 5;
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
