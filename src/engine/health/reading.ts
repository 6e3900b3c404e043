// Reads one round: what its answers say together, of the app and of the way to it.
import type { ProbeMode, ProbeResult, TransportFailure } from "../../model/health.ts";
import { classify } from "./classify.ts";
import type { ServedBy } from "./release-name.ts";
import { isReached, type Round, type Sighting } from "./round.ts";
import type { Whose } from "./whose-answer.ts";

/**
 * `own`: it cannot be told from the ingress's own. `hidden`: neither can this one, but the app is reached, so it may be the app's.
 * `unsure`: it would pass, and nobody knows whose it is. `another`: it is not of the release that is judged, as far as it says.
 * The worst comes first.
 */
const kinds = ["fail", "own", "not_found", "another", "unsure", "hidden", "pass"] as const;
export type AnswerKind = (typeof kinds)[number];

export interface Reading {
	/** `mixed`: some answers are good and some are bad. */
	kind: AnswerKind | "mixed";
	/** The worst answer. */
	shown: ProbeResult;
	/** How many answers were the app's failures, or the way's, and how many the ingress's own; of how many. */
	failed: number;
	own: number;
	/** Those that say nothing of the release that is judged. */
	another: number;
	of: number;
	/** The one transport failure that all answers are. */
	failure?: TransportFailure;
	/** An answer failed because of TLS. */
	lacksCertificate: boolean;
	/** The app itself was seen. */
	reached: boolean;
	/** Who the worst answer says that it is of. */
	servedBy?: ServedBy;
}

export function readRound(mode: ProbeMode, round: Round): Reading {
	const answers = round.sightings.map((sighting) => ({ kind: kindOf(mode, sighting, round.root), ...sighting }));
	const seen = new Set(answers.map(({ kind }) => kind));
	const worst = answers.find(({ kind }) => kind === kinds.find((one) => seen.has(one)));
	const count = (...of: AnswerKind[]) => answers.filter(({ kind }) => of.includes(kind)).length;
	const failures = new Set(answers.map(({ answer }) => answer.failure));
	const [failure] = failures;
	return {
		kind: together(seen),
		shown: withoutWords(worst?.answer ?? { latencyMs: 0 }),
		failed: count("fail", "not_found"),
		own: count("own"),
		another: count("another"),
		of: answers.length,
		...(failures.size === 1 && failure ? { failure } : {}),
		lacksCertificate: failures.has("tls"),
		reached: round.root === "app" || round.sightings.some(isReached),
		...(worst?.naming?.servedBy ? { servedBy: worst.naming.servedBy } : {}),
	};
}

function kindOf(mode: ProbeMode, { answer, whose, naming }: Sighting, root: Whose = "ingress"): AnswerKind {
	const worth = classify(mode, answer);
	if (naming?.counts === false && (whose !== "ingress" || root === "app")) return "another";
	if (whose === "app") return worth;
	if (whose === "unknown") return worth === "fail" ? "fail" : "unsure";
	if (root !== "app") return root === "ingress" ? "own" : "unsure";
	if (worth === "not_found") return "not_found";
	// A failure that may be the ingress's says nothing against the app, and nothing for it.
	return worth === "pass" ? "hidden" : "unsure";
}

function together(seen: ReadonlySet<AnswerKind>): Reading["kind"] {
	const [only, ...others] = seen;
	if (only && others.length === 0) return only;
	const consistsOf = (...of: AnswerKind[]) => [...seen].every((kind) => of.includes(kind));
	if (consistsOf("unsure", "hidden", "pass")) return "unsure";
	if (consistsOf("another", "unsure", "hidden", "pass")) return "another";
	return consistsOf("fail", "own", "not_found", "another") ? "fail" : "mixed";
}

/** What an edge said is for comparing, and goes no further. */
export function withoutWords({ status, failure, error, latencyMs }: ProbeResult): ProbeResult {
	return {
		...(status === undefined ? {} : { status }),
		...(failure === undefined ? {} : { failure }),
		...(error === undefined ? {} : { error }),
		latencyMs,
	};
}
