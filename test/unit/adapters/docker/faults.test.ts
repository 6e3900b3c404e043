import { describe, expect, it } from "vitest";
import { asNoAnswer, EngineError, translateFault } from "../../../../src/adapters/docker/faults.ts";
import { DeploymillError } from "../../../../src/errors.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";

const untrusted = new Untrusted(new Redactor());
const translate = (fault: unknown) => translateFault(fault, "unix:///run/docker.sock (DOCKER_HOST)", untrusted);
const failure = (code: string, message = "failed") => Object.assign(new Error(message), { code });

describe("translateFault", () => {
	it("says who may open the socket when permission is denied", () => {
		const error = translate(failure("EACCES"));
		expect(error).toMatchObject({ code: "docker_unreachable", hint: expect.stringContaining("docker group") });
		expect(error.message).toBe("Docker is not reachable at unix:///run/docker.sock (DOCKER_HOST): permission to the socket was denied.");
	});

	it("says that an MCP client must pass DOCKER_HOST on when nothing is there", () => {
		expect(translate(failure("ECONNREFUSED"))).toMatchObject({ hint: expect.stringContaining("DOCKER_HOST must stand in the env") });
		expect(translate(new AggregateError([failure("ECONNREFUSED")]))).toMatchObject({ code: "docker_unreachable" });
	});

	it.each(["HPE_INVALID_CONSTANT", "ECONNABORTED", "EHOSTDOWN", "ERR_SOCKET_CLOSED", "ENETDOWN"])(
		"knows %s as a broken connection",
		(code) => {
			expect(translate(failure(code))).toMatchObject({ code: "docker_unreachable" });
		},
	);

	it("knows the certificate errors of TLS", () => {
		for (const code of ["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_TLS_CERT_ALTNAME_INVALID", "EPROTO"]) {
			expect(translate(failure(code))).toMatchObject({ code: "docker_unreachable", hint: expect.stringContaining("DOCKER_CERT_PATH") });
		}
	});

	it("tells its own time-out from the caller's abort", () => {
		const timedOut = new DOMException("The operation was aborted due to timeout", "TimeoutError");
		const aborted = (cause: unknown) =>
			Object.assign(new Error("The operation was aborted", { cause }), { name: "AbortError", code: "ABORT_ERR" });
		expect(translate(aborted(timedOut))).toMatchObject({ code: "docker_unreachable", message: expect.stringContaining("in time") });
		const callers = aborted(new Error("changed our mind"));
		expect(translate(callers)).toBe(callers);
	});

	it("keeps the engine's status and cleans its words", () => {
		const engine = Object.assign(new Error("(HTTP code 404) no such service - service \u001b[31mweb\u001b[0m\nnot found "), {
			statusCode: 404,
		});
		expect(translate(engine)).toMatchObject({ name: "EngineError", statusCode: 404, said: "service web not found" });
	});

	it("leaves alone what is ours, and what is no fault of Docker's", () => {
		const ours = new DeploymillError("push_failed", "x");
		const bug = new TypeError("x is not a function");
		expect(translate(ours)).toBe(ours);
		for (const code of ["ERR_SQLITE_ERROR", "ENOSPC", "EROFS", "EMFILE", "ERR_INVALID_ARG_TYPE"]) {
			const fault = failure(code, "database is locked");
			expect(translate(fault), code).toBe(fault);
		}
		expect(translate(bug)).toBe(bug);
		expect(translate(translate(Object.assign(new Error("a - b"), { statusCode: 500 })))).toBeInstanceOf(EngineError);
	});
});

describe("asNoAnswer", () => {
	it.each([500, 502, 504])("calls %i an engine that could not answer: the same question may be asked again", (statusCode) => {
		const fault = asNoAnswer(new EngineError(statusCode, "context deadline exceeded"));
		expect(fault).toMatchObject({
			code: "docker_unreachable",
			retryable: true,
			message: `Docker could not answer (${statusCode}): context deadline exceeded`,
		});
	});

	it.each([400, 404, 409])("leaves %i as it is: that is an answer", (statusCode) => {
		const fault = new EngineError(statusCode, "no");
		expect(asNoAnswer(fault)).toBe(fault);
	});
});
