import { expect, test } from "vitest";
import { DeploymillError, errorCodes, errorMessage } from "../../src/errors.ts";

test("the codes are those of the contract, in its order", () => {
	expect(errorCodes.join(" ")).toBe(
		"invalid_input application_not_found deployment_not_found rollback_not_found rollback_not_usable deploy_in_progress stale_view " +
			"registry_not_configured registry_auth_failed registry_unreachable image_missing docker_unreachable swarm_not_ready service_not_ours " +
			"repo_not_allowed repo_unreachable repo_auth_failed ref_not_found project_file_missing project_file_invalid dockerfile_missing " +
			"build_failed push_failed rollout_failed rollout_timeout migrations_in_gap known_bad_release not_cancellable name_taken host_taken " +
			"read_only deployments_held awaiting_confirmation not_confirmable nothing_to_return_to too_many_failures approval_needed busy internal",
	);
});

const guides = ["rollback", "health", "project-config", "troubleshooting", "security"].map((name) => `deploymill://guides/${name}`);

test.each(errorCodes)("%s has a hint that is a sentence, and a guide that exists", (code) => {
	const body = new DeploymillError(code, "what happened").toBody();
	expect(body).toEqual({ code, message: "what happened", hint: body.hint, retryable: body.retryable, guide: body.guide });
	expect(body.hint).toMatch(/^[A-Z].*\.$/s);
	expect(guides).toContain(body.guide);
});

test("only what may pass by itself is worth a retry", () => {
	const retryable = errorCodes.filter((code) => new DeploymillError(code, "x").retryable);
	expect(retryable).toEqual([
		"deploy_in_progress",
		"registry_unreachable",
		"docker_unreachable",
		"repo_unreachable",
		"push_failed",
		"rollout_timeout",
		"busy",
	]);
});

test("the place that throws may know better, and its cause stays inside", () => {
	const cause = new Error("ENOENT /secret/path");
	const error = new DeploymillError("internal", "words", { hint: "Do this.", retryable: true, details: { a: 1 }, cause });
	expect(error.cause).toBe(cause);
	expect(error.toBody()).toMatchObject({ hint: "Do this.", retryable: true, details: { a: 1 } });
	expect(JSON.stringify(error.toBody())).not.toContain("secret");
});

test("anything can be thrown", () => {
	expect([new Error("a"), "b", undefined, { c: 1 }].map(errorMessage)).toEqual(["a", "b", "undefined", "[object Object]"]);
});

test("a message is as long as an answer has room for", () => {
	const { message } = new DeploymillError("project_file_invalid", "💩".repeat(10_000)).toBody();
	expect(message.length).toBeLessThanOrEqual(4000);
	expect(message.isWellFormed()).toBe(true);
	expect(message).toMatch(/…$/);
});
