import { expect, test } from "vitest";
import { classify, modeFor } from "../../../../src/engine/health/classify.ts";
import type { ProbeResult } from "../../../../src/model/health.ts";
import { answer, noAnswer } from "./probes.ts";

test.each<[string, ProbeResult, string, string]>([
	["200", answer(200), "pass", "pass"],
	["201", answer(201), "fail", "pass"],
	["204", answer(204), "fail", "pass"],
	["301", answer(301), "fail", "pass"],
	["302", answer(302), "fail", "pass"],
	["401", answer(401), "fail", "pass"],
	["403", answer(403), "fail", "pass"],
	["404", answer(404), "not_found", "pass"],
	["405", answer(405), "fail", "pass"],
	["500", answer(500), "fail", "pass"],
	["501", answer(501), "fail", "pass"],
	["502", answer(502), "fail", "fail"],
	["503", answer(503), "fail", "fail"],
	["504", answer(504), "fail", "fail"],
	["505", answer(505), "fail", "pass"],
	["dns", noAnswer("dns"), "fail", "fail"],
	["connect", noAnswer("connect"), "fail", "fail"],
	["tls", noAnswer("tls"), "fail", "fail"],
	["timeout", noAnswer("timeout"), "fail", "fail"],
	["protocol", noAnswer("protocol"), "fail", "fail"],
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
