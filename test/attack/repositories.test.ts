import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, Secrets } from "../support/answer-rules.ts";
import { hostileGitRepositories } from "../support/attack-histories.ts";
import { inWhole } from "../support/attack-part.ts";
import { type HostileCase, hostileProjectFiles } from "../support/attack-project-files.ts";
import { AttackRepository } from "../support/attack-repository.ts";
import { hostileBuildContexts } from "../support/attack-trees.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { findOrders, readLog } from "../support/untrusted-text.ts";

/** A call or a deployment that takes longer hangs. */
const deadlineMs = 240_000;
/** Of the server, whatever a repository holds. */
const mostMemoryKb = 1_000_000;
/** Of one hostile repository's checkouts, logs and history. */
const mostGrowthBytes = 30_000_000;

describe("A hostile repository is planned, built or refused, and does nothing else", () => {
	let bed: TestBed;
	let server: Deploymill;
	let secrets: Secrets;
	let count = 0;

	beforeAll(async () => {
		bed = await TestBed.open();
		secrets = new Secrets({ "registry password": bed.sandbox.registryPassword, "the machine's name for root": "root:x:0:0" });
		server = await bed.server({ DEPLOYMILL_GIT_TOKEN: "", DEPLOYMILL_LOG_LEVEL: "debug" });
	});
	afterAll(() => bed.close());

	afterEach(async () => {
		await server.client.ping({ timeout: deadlineMs });
		await expect(stat("/tmp/deploymill-pwned")).rejects.toThrow("ENOENT");
		expect(await peakMemoryKb(server.pid)).toBeLessThan(mostMemoryKb);
		expect(secrets.findIn(server.stderr)).toEqual([]);
		expect(server.stderr).not.toMatch(/uncaught|unhandled rejection/);
	});

	describe.each([
		["project file", hostileProjectFiles],
		["tree", hostileBuildContexts],
		["history", hostileGitRepositories],
	])("by its %s", (_kind, cases) => {
		for (const hostileCase of cases) (hostileCase.quick ? it : inWhole)(hostileCase.what, () => attack(hostileCase), 2 * deadlineMs);
	});

	async function attack({ make, reconcile, deploy, ref }: HostileCase): Promise<void> {
		count++;
		const repository = await AttackRepository.create(bed.path(`repository-${count}`), bed.named(`h${count}`));
		await make(repository);
		const sizeBefore = await sizeOf(bed.dataFolder);
		const foldersBefore = await checkouts();
		const args = { repoUrl: repository.directory, ...(ref ? { ref } : {}) };
		const planned = await call("reconcile_project", { ...args, dryRun: true });
		const applied = await call("reconcile_project", args);
		expect(reconcile).toContain(endOf(applied));
		expect(endOf(planned)).toBe(endOf(applied));
		if (deploy && endOf(applied) === "applied") await attackByDeploy(String(applied.applicationId), deploy);
		await expectNothingLeft(foldersBefore);
		expect((await sizeOf(bed.dataFolder)) - sizeBefore).toBeLessThan(mostGrowthBytes);
	}

	async function attackByDeploy(applicationId: string, ends: string[]): Promise<void> {
		const deployment = (await call("deploy", { applicationId, wait: 200 })) as unknown as DeploymentAnswer;
		expect(deployment.status, `a deployment that hangs in ${deployment.phase}`).not.toBe("running");
		expect(ends).toContain(deployment.error?.code ?? deployment.outcome);
		await call("get_deployment", { deploymentId: deployment.deploymentId });
		await call("list_deployments", { applicationId });
		await call("get_logs", { applicationId, tail: 500 });
		for (const name of [`${deployment.deploymentId}.log`, `${deployment.deploymentId}.worker.log`]) {
			expect(secrets.findIn(await readFile(join(bed.dataFolder, "logs", name), "latin1").catch(() => ""))).toEqual([]);
		}
	}

	/** Every answer keeps the rules of all answers, its progress too, and what gives orders stands in a fence or is one short line. */
	async function call(tool: string, args: Content): Promise<Content> {
		const notes: string[] = [];
		const onprogress = ({ message = "" }: { message?: string | undefined }) => void notes.push(message);
		const pinged = server.client.ping({ timeout: deadlineMs });
		const result = (await server.client.callTool({ name: tool, arguments: args }, undefined, {
			timeout: deadlineMs,
			onprogress,
		})) as CallToolResult;
		await pinged;
		const [block] = result.content;
		const content = JSON.parse(block?.type === "text" ? block.text : "null") as Content;
		expect(faultsOf(tool, result, secrets)).toEqual([]);
		// What of a log stands outside of its fences is ours, line by line.
		const unfenced = tool === "get_logs" ? readLog(content.text).flatMap(({ text, ours }) => (ours ? [text] : [])) : content;
		expect(findOrders(unfenced).filter(({ text }) => text.length > 500 && !/^<(untrusted-[0-9a-f]{12}) /.test(text))).toEqual([]);
		expect(notes.filter((note) => note.length > 500 || secrets.findIn(note).length > 0)).toEqual([]);
		return content;
	}

	/** No git process and no checkout outlives its work. */
	async function expectNothingLeft(foldersBefore: string[]): Promise<void> {
		const isNew = (name: string) => foldersBefore.every((before) => !name.includes(before));
		await until(
			async () => (await checkouts()).filter(isNew),
			(left) => left.length === 0,
		);
		await until(
			async () => (await processesIn(join(bed.dataFolder, "checkouts"))).filter(isNew),
			(left) => left.length === 0,
		);
	}

	function checkouts(): Promise<string[]> {
		return readdir(join(bed.dataFolder, "checkouts")).catch(() => []);
	}
});

function endOf({ error, applied, dryRun }: Content): string {
	if (error) return String((error as { code: string }).code);
	return applied || dryRun ? "applied" : "nothing";
}

async function peakMemoryKb(pid: number): Promise<number> {
	return Number(/^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Processes whose working folder or command line lies in a folder. */
async function processesIn(folder: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
	return commands.filter((command) => command.includes(folder));
}

async function sizeOf(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
	const sizes = await Promise.all(
		entries
			.filter((entry) => entry.isFile())
			.map((entry) =>
				stat(join(entry.parentPath, entry.name)).then(
					({ size }) => size,
					() => 0,
				),
			),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}
