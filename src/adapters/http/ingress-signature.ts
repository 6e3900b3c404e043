// Recognises the answer of an ingress that has no route for a host.
import { createHash } from "node:crypto";

export type ResponseHeaders = Record<string, string | string[] | undefined>;

/** Headers that differ between two answers of the same kind, or belong to the connection. `via` stays: it tells a proxied answer from an own one. */
const volatile = new Set([
	"age",
	"cf-ray",
	"connection",
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
	"x-amzn-requestid",
	"x-amzn-trace-id",
	"x-cloud-trace-context",
	"x-correlation-id",
	"x-envoy-upstream-service-time",
	"x-request-id",
	"x-response-time",
	"x-runtime",
	"x-trace-id",
]);

/**
 * Hash over the status and the steady headers of an answer, where it is of the kind that ingresses give for a host they do
 * not know: a 404 (Traefik, nginx), or a success without a body (Caddy; to a HEAD it sends no content-length at all).
 * Undefined for every other answer.
 */
export function ingressSignature(status: number, headers: ResponseHeaders): string | undefined {
	const bodiless = (headers["content-length"] ?? "0") === "0" && headers["transfer-encoding"] === undefined;
	const success = status >= 200 && status < 300;
	if (status !== 404 && !(success && bodiless)) return undefined;
	const steady = Object.entries(headers)
		.filter(([name, value]) => value !== undefined && !volatile.has(name.toLowerCase()))
		.map(([name, value]) => `${name.toLowerCase()}: ${[value].flat().join(", ")}`)
		.sort();
	return createHash("sha256")
		.update([status, ...steady].join("\n"))
		.digest("hex")
		.slice(0, 16);
}
