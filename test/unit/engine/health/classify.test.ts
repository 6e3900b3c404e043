import { expect, test } from "vitest";
import { classify, modeFor } from "../../../../src/engine/health/classify.ts";
import type { ProbeResult } from "../../../../src/model/health.ts";
import { failure, status } from "./probes.ts";

test.each<[string, ProbeResult, string, string]>([
	["200", status(200), "pass", "pass"],
	["201", status(201), "fail", "pass"],
	["204", status(204), "fail", "pass"],
	["301", status(301), "fail", "pass"],
	["302", status(302), "fail", "pass"],
	["401", status(401), "fail", "pass"],
	["403", status(403), "fail", "pass"],
	["404", status(404), "not_found", "pass"],
	["405", status(405), "fail", "pass"],
	["500", status(500), "fail", "pass"],
	["501", status(501), "fail", "pass"],
	["502", status(502), "fail", "fail"],
	["503", status(503), "fail", "fail"],
	["504", status(504), "fail", "fail"],
	["505", status(505), "fail", "pass"],
	["dns", failure("dns"), "fail", "fail"],
	["connect", failure("connect"), "fail", "fail"],
	["tls", failure("tls"), "fail", "fail"],
	["timeout", failure("timeout"), "fail", "fail"],
	["protocol", failure("protocol"), "fail", "fail"],
	["nothing at all", { latencyMs: 0 }, "fail", "fail"],
	["a status with a failure", { status: 200, failure: "protocol", latencyMs: 0 }, "fail", "fail"],
])("%s", (_name, result, strict, lenient) => {
	expect(classify("strict", result)).toBe(strict);
	expect(classify("lenient", result)).toBe(lenient);
});

test("only the path / is lenient", () => {
	expect(modeFor("/")).toBe("lenient");
	for (const path of ["/healthz", "//", "/?ready", "/health/"]) expect(modeFor(path)).toBe("strict");
});
