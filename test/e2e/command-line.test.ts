// The command line beside serving: calls, their exit codes, help worth reading, and completion in a real shell.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, runDeploymill } from "../support/command.ts";

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "deploymill-command-"));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

function deploymill(...args: string[]) {
	return runDeploymill(args, { DEPLOYMILL_DATA_DIR: join(folder, "data"), DEPLOYMILL_LOG_LEVEL: "silent" });
}

describe("call", () => {
	it("prints the structured result, and exits with 0", async () => {
		const { code, stdout, stderr } = await deploymill("call", "list_applications");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(JSON.parse(stdout)).toEqual({ applications: [] });
	});

	it("prints a tool's error, and exits with 1", async () => {
		const { code, stdout } = await deploymill("call", "list_deployments", '{"applicationId": "nobody"}');
		expect(code).toBe(1);
		expect(JSON.parse(stdout).error).toMatchObject({ code: "application_not_found", hint: expect.any(String) });
	});

	it("names the tool that was meant, lists all of them, and exits with 2", async () => {
		const { code, stdout, stderr } = await deploymill("call", "list_aplications");
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain("did you mean list_applications?");
		expect(stderr).toContain("rollback, get_app_health");
	});

	it.each(["{applicationId: hello}", "[]", '"hello"'])("refuses %s, which is no JSON object, with 2", async (json) => {
		const { code, stdout, stderr } = await deploymill("call", "deploy", json);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain("expected a JSON object");
	});
});

describe("usage", () => {
	it.each([
		["an unknown command", ["deplay"]],
		["an unknown option", ["doctor", "--yaml"]],
		["a port that is none", ["init", "--registry-port", "70000"]],
		["a shell that is not known", ["completion", "tcsh"]],
	])("exits with 2 for %s", async (_what, args) => {
		const { code, stdout, stderr } = await deploymill(...args);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).not.toBe("");
	});

	it("exits with 2 for a setting that is not known", async () => {
		const { code, stderr } = await runDeploymill(["call", "list_applications"], { DEPLOYMILL_REGISTRI: "x" });
		expect(code).toBe(2);
		expect(stderr).toContain("did you mean DEPLOYMILL_REGISTRY?");
	});

	it.each(["serve", "call", "doctor", "init", "completion"])("%s --help has examples, and says where settings are", async (command) => {
		const { code, stdout } = await deploymill(command, "--help");
		expect(code).toBe(0);
		expect(stdout).toMatch(/Examples?:|what an MCP client starts/);
		if (command !== "completion") expect(stdout).toContain("DOCKER_HOST");
		if (["call", "doctor", "init"].includes(command)) expect(stdout).toContain("Exit codes:");
	});
});

describe("completion", () => {
	/** What bash offers for the last of these words. */
	async function complete(...words: string[]): Promise<string[]> {
		const { stdout: script } = await deploymill("completion", "bash");
		const quoted = ["deploymill", ...words].map((word) => `'${word}'`).join(" ");
		const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; $(complete -p deploymill | sed 's/.*-F \\([^ ]*\\).*/\\1/'); echo "\${COMPREPLY[@]}"`;
		const { stdout } = await run("bash", ["-c", `${script}\n${ask}`], { PATH: process.env.PATH ?? "" });
		return stdout.trim().split(" ").filter(Boolean);
	}

	it("knows commands, tools and options", async () => {
		expect(await complete("d")).toEqual(["doctor"]);
		expect(await complete("call", "list_")).toEqual(["list_applications", "list_deployments", "list_env_vars"]);
		expect(await complete("init", "--registry")).toEqual(["--registry-image", "--registry-port"]);
		expect(await complete("completion", "")).toContain("zsh");
	});
});
