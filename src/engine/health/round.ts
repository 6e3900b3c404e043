// Asks an edge one round of questions, beside the same questions for hosts that nobody has.

import type { Untrusted } from "../../untrusted.ts";
import type { Ids } from "../ports/ids.ts";
import type { EdgeAnswer, EdgeQuestion, Prober } from "../ports/prober.ts";
import { isGatewayFailure } from "./classify.ts";
import type { Asked, OwnAnswers } from "./own-answers.ts";
import { type Naming, type ReleaseName, readName } from "./release-name.ts";
import { type AnswerFor, tooManyRequests, type Whose, whoseAnswer } from "./whose-answer.ts";

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
	/** What the ingress said of its own accord before; what it says now is added. */
	own: OwnAnswers;
	/** What an answer has to say to count. */
	release?: ReleaseName | undefined;
	/** Tasks of an older release may still answer. */
	olderMayAnswer?: boolean;
}

/** One answer, whose it was, and of which release it says to be, where answers have to say so. */
export interface Sighting {
	answer: EdgeAnswer;
	whose: Whose;
	naming?: Naming;
	/** What it answers. */
	asked: Asked;
}

export interface RoundPorts {
	prober: Prober;
	untrusted: Untrusted;
}

export interface Round {
	sightings: Sighting[];
	/** Whose `/` is, where an answer of the health path could not be told from the ingress's own: the app may be reached all the same. */
	root?: Whose;
	/** Tasks of an older release may have answered. */
	olderMayAnswer?: boolean;
}

/** Answers by which a server says that it does not do HEAD here. FastAPI says 405 of routes made for GET, others 404. */
const headRefused = new Set([404, 405, 501]);

/** Made once for a gate: a proxy that makes a certificate for every name it is asked for makes two of them then, and not two a round. */
export function nobodys(ids: Ids): string[] {
	return [`${ids.next("nobody")}.invalid`, `${ids.next("nobody")}-either.invalid`];
}

/**
 * HEAD first; GET where HEAD is refused or tells nothing, with all questions anew, so that a bad replica cannot hide behind the
 * one that answers the second time; then `/`, to learn whether the app is reached at all.
 *
 * @throws the signal's reason when aborted
 */
export async function askRound(ports: RoundPorts, order: RoundOrder, signal: AbortSignal): Promise<Round> {
	const ask = (asked: Asked, times: number, timeoutMs: number) => askSideBySide(ports, { ...order, times, timeoutMs }, asked, signal);
	const byHead = await ask({ method: "HEAD", path: order.path }, order.times, order.timeoutMs);
	const { olderMayAnswer = false } = order;
	if (!byHead.some(isToBeAskedByGet)) return { sightings: byHead, olderMayAnswer };
	const spentMs = Math.max(...byHead.map(({ answer }) => answer.latencyMs));
	const byGet = await ask({ method: "GET", path: order.path }, order.times, Math.max(1, order.timeoutMs - spentMs));
	// One that allows few questions a second was asked too soon: that is no fault of the app's.
	if (byGet.some(({ answer }) => answer.status === tooManyRequests) && byHead.every(isNoRefusal))
		return { sightings: byHead, olderMayAnswer };
	if (order.path === "/" || !byGet.some(({ whose }) => whose === "ingress")) return { sightings: byGet, olderMayAnswer };
	const [atRoot] = await ask({ method: "GET", path: "/" }, 1, order.timeoutMs);
	return { sightings: byGet, root: atRoot ? whoseRoot(atRoot) : "unknown", olderMayAnswer };
}

function isNoRefusal({ answer: { status }, whose }: Sighting): boolean {
	return whose !== "ingress" && status !== undefined && !headRefused.has(status);
}

function whoseRoot(sighting: Sighting): Whose {
	const { whose } = sighting;
	return whose === "app" && !isReached(sighting) ? "ingress" : whose;
}

/** The app's own answer. A gateway's failure proves nothing. */
export function isReached({ answer, whose }: Sighting): boolean {
	return whose === "app" && answer.status !== undefined && !isGatewayFailure(answer.status);
}

function isToBeAskedByGet({ answer: { status }, whose, naming }: Sighting): boolean {
	if (naming && !naming.counts && !naming.servedBy && status !== undefined) return true;
	return whose === "ingress" || (status !== undefined && (headRefused.has(status) || whose === "unknown"));
}

async function askSideBySide({ prober, untrusted }: RoundPorts, order: RoundOrder, asked: Asked, signal: AbortSignal): Promise<Sighting[]> {
	const { url, times, timeoutMs, nobody, own } = order;
	const question = { url, ...asked };
	signal.throwIfAborted();
	const [answers, controls] = await Promise.all([
		Promise.all(Array.from({ length: times }, () => prober.probe(question, timeoutMs, signal))),
		askForNobody(prober, question, timeoutMs, nobody, signal),
	]);
	// A probe that was called off looks like a failed one; it must not count.
	signal.throwIfAborted();
	const earlier = own.to(asked);
	own.add(asked, controls);
	const host = new URL(url).hostname;
	return answers.map((answer): Sighting => {
		const whose = whoseAnswer({ host, answer }, controls, earlier);
		if (!order.release) return { answer, whose, asked };
		const naming = readName(answer, order.release, order.olderMayAnswer ?? false, untrusted);
		// Nobody else knows the name.
		return { answer, naming, whose: naming.isOurs ? "app" : whose, asked };
	});
}

function askForNobody(
	prober: Prober,
	question: EdgeQuestion,
	timeoutMs: number,
	hosts: readonly string[],
	signal: AbortSignal,
): Promise<AnswerFor[]> {
	return Promise.all(hosts.map(async (host) => ({ host, answer: await prober.probe({ ...question, asHost: host }, timeoutMs, signal) })));
}

/** So many of the ingress's own answers are held against the app's before it is called healthy. */
const enoughOwn = 12;

/**
 * The rounds as they look once the ingress was asked often enough: of two nodes that answer differently two questions may miss one.
 *
 * @throws the signal's reason when aborted
 */
export async function lookAgain(
	{ prober }: RoundPorts,
	{ url, timeoutMs, nobody, own }: RoundOrder,
	rounds: readonly Round[],
	signal: AbortSignal,
): Promise<Round[]> {
	const questions = new Map(rounds.flatMap(({ sightings }) => sightings).map(({ asked }) => [`${asked.method} ${asked.path}`, asked]));
	for (const asked of questions.values()) {
		const missing = Math.max(0, enoughOwn - own.to(asked).length);
		const hosts = Array.from({ length: missing }, (_, index) => nobody[index % nobody.length] ?? "");
		own.add(asked, await askForNobody(prober, { url, ...asked }, timeoutMs, hosts, signal));
	}
	signal.throwIfAborted();
	const host = new URL(url).hostname;
	return rounds.map((round) => ({ ...round, sightings: round.sightings.map((sighting) => seenAgain(sighting, host, own)) }));
}

function seenAgain(sighting: Sighting, host: string, own: OwnAnswers): Sighting {
	const { answer, whose, naming, asked } = sighting;
	if (whose !== "app" || naming?.isOurs) return sighting;
	return { ...sighting, whose: whoseAnswer({ host, answer }, own.to(asked)) };
}
