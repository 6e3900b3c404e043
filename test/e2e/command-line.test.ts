// The command line beside serving: calls, their exit codes, help worth reading, and completion in a real shell.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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

function deploymillReading(input: string, ...args: string[]) {
	return runDeploymill(args, { DEPLOYMILL_DATA_DIR: join(folder, "data"), DEPLOYMILL_LOG_LEVEL: "silent" }, { input });
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
		expect(stderr).toContain("rollback, set_hold, get_app_health");
	});

	it.each(["{applicationId: hello}", "[]", '"hello"'])("refuses %s, which is no JSON object, with 2", async (json) => {
		const { code, stdout, stderr } = await deploymill("call", "deploy", json);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain("expected a JSON object");
	});
});

describe("call, with arguments that stand on no command line", () => {
	const args = '{"applicationId": "nobody", "set": {"API_KEY": "hunter22-hunter22"}}';

	it("reads them from stdin", async () => {
		const { code, stdout } = await deploymillReading(args, "call", "set_env_vars", "-");
		expect([code, JSON.parse(stdout).error.code]).toEqual([1, "application_not_found"]);
	});

	it("reads them from a file", async () => {
		await writeFile(join(folder, "args.json"), args);
		const { code, stdout } = await deploymill("call", "set_env_vars", `@${join(folder, "args.json")}`);
		expect([code, JSON.parse(stdout).error.code]).toEqual([1, "application_not_found"]);
	});

	it.each<[string, string, string, string]>([
		["nothing on stdin", "", "-", "stdin: got nothing, expected a JSON object"],
		["half of it on stdin", args.slice(0, -3), "-", "characters that are none, expected a JSON object"],
		["too much on stdin", " ".repeat(10_485_761), "-", "stdin has more than 10485760 bytes"],
		["a file that is not there", "", "@/nonexistent/args.json", 'cannot read the file "/nonexistent/args.json" (ENOENT)'],
		["a folder", "", "@/", 'cannot read the file "/" (EISDIR)'],
		["no file's name", "", "@", 'cannot read the file "" (ENOENT)'],
		["a value that was not closed", "", args.slice(0, -2), "characters that are none"],
	])("refuses %s, shows nothing of it, and exits with 2", async (_what, input, json, words) => {
		const { code, stdout, stderr } = await deploymillReading(input, "call", "set_env_vars", json);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(words);
		expect(stderr).not.toContain("hunter22");
	});
});

/** `serve` with it in its environment has the word for a secret, wherever it stands. */
const secret = "hunter22-hunter22";

async function dataFolderNamedLikeTheSecret(): Promise<{ file: string; env: Record<string, string> }> {
	const dataFolder = join(await mkdtemp(join(folder, "data-")), secret);
	await mkdir(dataFolder, { mode: 0o700 });
	return { file: join(dataFolder, "deploymill.db"), env: { DEPLOYMILL_DATA_DIR: dataFolder, DEPLOYMILL_GIT_TOKEN: secret } };
}

describe.each([["call", "list_applications"], ["worker", "dep-none"], ["serve"]])("%s", (...args) => {
	it("tells of a fault that nobody knows by an id; its words stand in the log alone, masked", async () => {
		const { file, env } = await dataFolderNamedLikeTheSecret();
		const database = new DatabaseSync(file);
		database.exec(
			`CREATE VIEW applications AS SELECT * FROM "${secret}"; CREATE TABLE rollback_points (unusable_because); PRAGMA user_version = 2`,
		);
		database.close();

		const { code, stdout, stderr } = await runDeploymill(args, env);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		const [logged = "", told = "", ...more] = stderr.trim().split("\n");
		expect(more).toEqual([]);
		const { faultId, error } = JSON.parse(logged);
		expect(error).toMatch(/error in view applications|no such table/);
		expect(told).toBe(`deploymill: A fault of deploymill, recorded in its log as ${faultId}.`);
		expect(stderr).not.toContain("hunter22");
	});

	it("says in words that its database is no database", async () => {
		const { file, env } = await dataFolderNamedLikeTheSecret();
		await writeFile(file, "this is no database, whatever its name says");

		const { code, stdout, stderr } = await runDeploymill(args, env);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toContain("The database is no SQLite file.");
		expect(stderr).not.toContain("hunter22");
	});
});

describe("doctor", () => {
	it("says that the database is no database, and names no secret", async () => {
		const { file, env } = await dataFolderNamedLikeTheSecret();
		await writeFile(file, "this is no database, whatever its name says");
		const { code, stdout } = await runDeploymill(["doctor", "--json"], env);
		expect(code).toBe(1);
		expect(stdout).toContain("is no SQLite file");
		expect(stdout).not.toContain("hunter22");
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

	it.each(["serve", "call", "history", "doctor", "watch", "init", "completion"])(
		"%s --help has examples, and says where settings are",
		async (command) => {
			const { code, stdout } = await deploymill(command, "--help");
			expect(code).toBe(0);
			expect(stdout).toMatch(/Examples?:|what an MCP client starts/);
			if (command !== "completion") expect(stdout).toContain("DOCKER_HOST");
			if (["call", "doctor", "watch", "init"].includes(command)) expect(stdout).toContain("Exit codes:");
		},
	);
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
