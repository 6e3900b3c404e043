// Tells an app's answer from what the ingress says of its own accord.
import type { EdgeAnswer } from "../ports/prober.ts";

/** `unknown`: the ingress was silent when it was asked for a host that nobody has, so nobody can tell. */
export type Whose = "app" | "ingress" | "unknown";

/** An answer and the host that it was asked of, which an error page may repeat. */
export interface AnswerFor {
	host: string;
	answer: EdgeAnswer;
}

/**
 * Headers that differ between two answers of the same kind, tell of a cache's luck, belong to the connection, or tell of a body, which
 * is compared itself. `via` stays: it tells a proxied answer from an own one. Others that differ between two control probes are found out by comparing these.
 */
const unsteadyHeaders = new Set([
	"age",
	"cf-cache-status",
	"cf-ray",
	"connection",
	"content-length",
	"date",
	"expires",
	"keep-alive",
	"nel",
	"report-to",
	"request-id",
	"retry-after",
	"server-timing",
	"set-cookie",
	"traceparent",
	"tracestate",
	"transfer-encoding",
	"x-amz-cf-id",
	"x-amz-cf-pop",
	"x-amzn-requestid",
	"x-amzn-trace-id",
	"x-cache",
	"x-cache-hits",
	"x-cloud-trace-context",
	"x-correlation-id",
	"x-envoy-upstream-service-time",
	"x-request-id",
	"x-response-time",
	"x-runtime",
	"x-served-by",
	"x-timer",
	"x-trace-id",
]);

/**
 * Contract section 6: an answer that cannot be told from the ingress's own, by status, steady headers and the first 4 KB of the
 * body, is taken for the ingress's; so is a connection that it closes, or leaves silent, to everybody. Where one of the control
 * probes was silent, only a status that none of the others got makes it the app's: with fewer answers to compare, what differs may differ each time.
 *
 * @param controls what the same question got for hosts that nobody has, two or more
 * @param earlier what it got before: an ingress may have several nodes, and pages that change
 */
export function whoseAnswer(asked: AnswerFor, controls: readonly AnswerFor[], earlier: readonly AnswerFor[] = []): Whose {
	const [app] = facesOf(asked);
	if (!app) return controls.every(({ answer }) => isSameRefusal(asked.answer, answer)) ? "ingress" : "unknown";
	const told = controls.filter((control) => isTold(control) && (!isPutOff(control) || app.status === tooManyRequests));
	if (told.length === 0) return "unknown";
	const alike = [...earlier, ...told].flatMap(facesOf).filter(({ status }) => status === app.status);
	if (alike.length === 0) return "app";
	if (isLike(app, alike)) return "ingress";
	return told.length === controls.length ? "app" : "unknown";
}

/** What has to do with the address or the certificate is not the ingress's answer to a name. */
function isSameRefusal({ failure }: EdgeAnswer, control: EdgeAnswer): boolean {
	return (failure === "protocol" || failure === "timeout") && control.failure === failure;
}

/** The ingress answered, or refused to: only from silence nothing can be told. */
export function isTold({ answer: { status, heard, failure } }: AnswerFor): boolean {
	return (status !== undefined && heard !== undefined) || failure === "tls" || failure === "protocol";
}

export const tooManyRequests = 429;

/** It was asked too often: what it says otherwise, to an edge's own probe that came first, was not heard. */
export function isPutOff({ answer: { status } }: AnswerFor): boolean {
	return status === tooManyRequests;
}

interface Face {
	status: number;
	/** All that may be steady, with the host's own name taken out, as in the body. */
	headers: ReadonlyMap<string, string>;
	body: string;
	bodyCut: boolean;
}

/** None of what is no answer. */
function facesOf({ host, answer: { status, heard } }: AnswerFor): Face[] {
	if (status === undefined || !heard) return [];
	const withoutHost = hostRemover(host);
	const steady = Object.entries(heard.headers).filter(([name]) => !unsteadyHeaders.has(name));
	const headers = new Map(steady.map(([name, value]) => [name, withoutHost(value)]));
	return [{ status, headers, body: withoutHost(heard.body), bodyCut: heard.bodyCut }];
}

/**
 * A page that repeats the name it was asked for is the same page under every name. So is one that leaves out `www`, or names the
 * registered domain alone, as those who sell domains do.
 */
function hostRemover(host: string): (text: string) => string {
	const labels = host.split(".");
	const domains = [host, ...labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join("."))];
	const name = new RegExp(domains.map((domain) => domain.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
	return (text) => text.replace(name, "\0");
}

/** @param ingress answers of its own with the same status, one at least */
function isLike(app: Face, ingress: readonly Face[]): boolean {
	const names = new Set([app, ...ingress].flatMap(({ headers }) => [...headers.keys()]));
	for (const name of names) {
		const values = new Set(ingress.map(({ headers }) => headers.get(name)));
		// One that is different each time says nothing, there or not.
		if (values.size === 1 && !values.has(app.headers.get(name))) return false;
	}
	return isLikeBody(app, ingress);
}

/** What the ingress's pages have in common at their beginning and their end; between these is what is different each time. */
function isLikeBody({ body, bodyCut }: Face, ingress: readonly Face[]): boolean {
	const pages = ingress.map((face) => face.body);
	const same = commonBeginning(pages);
	const isOnePage = pages.every((page) => page === same);
	if (isOnePage && !ingress.some((face) => face.bodyCut)) return body === same;
	const beginning = isOnePage ? same : upToWord(same);
	if (ingress.some((face) => face.bodyCut)) return body.startsWith(beginning) || (bodyCut && beginning.startsWith(body));
	const end = reversed(upToWord(commonBeginning(pages.map((page) => reversed(page.slice(beginning.length))))));
	return body.length >= beginning.length + end.length && body.startsWith(beginning) && body.endsWith(end);
}

/** Two numbers or times that differ may begin alike, and a third may not. */
function upToWord(text: string): string {
	let length = text.length;
	while (length > 0 && /[\w:.,+-]/.test(text[length - 1] as string)) length--;
	return text.slice(0, length);
}

function commonBeginning([first = "", ...others]: string[]): string {
	let length = first.length;
	for (const other of others) {
		let same = 0;
		while (same < length && other[same] === first[same]) same++;
		length = same;
	}
	return first.slice(0, length);
}

function reversed(text: string): string {
	return [...text].reverse().join("");
}
