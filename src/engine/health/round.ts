// Asks an edge one round of questions, beside the same questions for hosts that nobody has.
import type { Ids } from "../ports/ids.ts";
import type { EdgeAnswer, EdgeQuestion, Prober } from "../ports/prober.ts";
import { isGatewayFailure } from "./classify.ts";
import { type AnswerFor, type Whose, whoseAnswer } from "./whose-answer.ts";

export interface RoundOrder {
	/** The edge without a path, e.g. `https://a.example`. */
	url: string;
	path: string;
	/** How many times it is asked, side by side: as often as every replica is to be met. */
	times: number;
	/** Of each question; GET after HEAD has what HEAD left of it. */
	timeoutMs: number;
	/** Hosts that nobody has, two of different length: what varies with the name in an answer then shows. */
	nobody: readonly string[];
}

/** One answer, and whose it was. */
export interface Sighting {
	answer: EdgeAnswer;
	whose: Whose;
}

export interface Round {
	sightings: Sighting[];
	/** Whose `/` is, where an answer of the health path could not be told from the ingress's own: the app may be reached all the same. */
	root?: Whose;
}

/** Answers by which a server says that it does not do HEAD here. FastAPI says 405 of routes made for GET, others 404. */
const headRefused = new Set([404, 405, 501]);

/** Of one gate: a proxy that makes a certificate for every name it is asked for shall not make many. */
export function nobodys(ids: Ids): string[] {
	return [`${ids.next("nobody")}.invalid`, `${ids.next("nobody")}-either.invalid`];
}

/**
 * HEAD first; GET where HEAD is refused or tells nothing, with all questions anew, so that a bad replica cannot hide behind the
 * one that answers the second time; then `/`, to learn whether the app is reached at all.
 *
 * @throws the signal's reason when aborted
 */
export async function askRound(ports: { prober: Prober }, order: RoundOrder, signal: AbortSignal): Promise<Round> {
	const ask = (question: Omit<EdgeQuestion, "url">, times: number, timeoutMs: number) =>
		askSideBySide(ports.prober, { ...order, times, timeoutMs }, question, signal);
	const byHead = await ask({ method: "HEAD", path: order.path }, order.times, order.timeoutMs);
	if (!byHead.some(isToBeAskedByGet)) return { sightings: byHead };
	const spentMs = Math.max(...byHead.map(({ answer }) => answer.latencyMs));
	const byGet = await ask({ method: "GET", path: order.path }, order.times, Math.max(1, order.timeoutMs - spentMs));
	if (order.path === "/" || !byGet.some(({ whose }) => whose === "ingress")) return { sightings: byGet };
	const [atRoot] = await ask({ method: "GET", path: "/" }, 1, order.timeoutMs);
	return { sightings: byGet, root: atRoot ? whoseRoot(atRoot) : "unknown" };
}

function whoseRoot(sighting: Sighting): Whose {
	const { whose } = sighting;
	return whose === "app" && !isReached(sighting) ? "ingress" : whose;
}

/** The app's own answer. A gateway's failure proves nothing. */
export function isReached({ answer, whose }: Sighting): boolean {
	return whose === "app" && answer.status !== undefined && !isGatewayFailure(answer.status);
}

function isToBeAskedByGet({ answer: { status }, whose }: Sighting): boolean {
	return whose === "ingress" || (status !== undefined && (headRefused.has(status) || whose === "unknown"));
}

async function askSideBySide(
	prober: Prober,
	order: RoundOrder,
	asked: Omit<EdgeQuestion, "url">,
	signal: AbortSignal,
): Promise<Sighting[]> {
	const { url, times, timeoutMs, nobody } = order;
	const question = { url, ...asked };
	signal.throwIfAborted();
	const [answers, controls] = await Promise.all([
		Promise.all(Array.from({ length: times }, () => prober.probe(question, timeoutMs, signal))),
		Promise.all(
			nobody.map(
				async (host): Promise<AnswerFor> => ({ host, answer: await prober.probe({ ...question, asHost: host }, timeoutMs, signal) }),
			),
		),
	]);
	// A probe that was called off looks like a failed one; it must not count.
	signal.throwIfAborted();
	const host = new URL(url).hostname;
	return answers.map((answer) => ({ answer, whose: whoseAnswer({ host, answer }, controls) }));
}
