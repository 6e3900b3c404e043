// Gives the gate's tests their words: answers, rounds, what is known of an edge, and a policy.
import type { KnownEdge } from "../../../../src/engine/health/known-edge.ts";
import type { ServedBy } from "../../../../src/engine/health/release-name.ts";
import type { Round, Sighting } from "../../../../src/engine/health/round.ts";
import type { EdgeAnswer } from "../../../../src/engine/ports/prober.ts";
import type { HealthPolicy } from "../../../../src/model/application.ts";
import type { TransportFailure } from "../../../../src/model/health.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";

export const untrusted = new Untrusted(new Redactor());

export const url = "https://a.example";

export function policy(over: Partial<HealthPolicy> = {}): HealthPolicy {
	return { path: "/healthz", retries: 3, intervalMs: 1, timeoutMs: 50, ...over };
}

/** An edge that was seen to be routed, of which nothing else is known. */
export function edge(over: Partial<KnownEdge> = {}): KnownEdge {
	return { url, routeGraceMs: 0, certificateGraceMs: 0, labelled: true, ...over };
}

export function answer(status: number, body = "", headers: Record<string, string> = {}): EdgeAnswer {
	return { status, latencyMs: 1, heard: { headers, body, bodyCut: false } };
}

export function noAnswer(failure: TransportFailure): EdgeAnswer {
	return { failure, error: `${failure} words`, latencyMs: 1 };
}

const asked = { method: "HEAD", path: "/healthz" } as const;

/** The app's own. */
export const app = (status: number): Sighting => ({ answer: answer(status), whose: "app", asked });
/** It cannot be told from the ingress's own. */
export const own = (status: number): Sighting => ({ answer: answer(status), whose: "ingress", asked });
/** The ingress was silent when it was asked for a host that nobody has. */
export const anybodys = (status: number): Sighting => ({ answer: answer(status), whose: "unknown", asked });
export const none = (failure: TransportFailure): Sighting => ({ answer: noAnswer(failure), whose: "unknown", asked });

/** Of the release that is judged, of another, or of none that it names. */
export const ours = (status: number): Sighting => ({ ...app(status), naming: { counts: true, isOurs: true, servedBy: named("dep-new") } });
export const others = (status: number, servedBy = named("dep-old")): Sighting => ({
	...app(status),
	naming: { counts: false, isOurs: false, servedBy },
});
export const nameless = (status: number): Sighting => ({ ...app(status), naming: { counts: false, isOurs: false } });

export function named(text: string, isDeployment = true): ServedBy {
	return { text, isDeployment };
}

export function round(...sightings: Sighting[]): Round {
	return { sightings };
}

/** The health path could not be told from the ingress's own, and `/` could. */
export function roundAtRoot(...sightings: Sighting[]): Round {
	return { sightings, root: "app" };
}

export function times<T>(count: number, ...items: T[]): T[] {
	return Array.from({ length: count }, () => items).flat();
}
