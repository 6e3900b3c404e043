import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { EventsReceiver } from "../support/event-receiver.ts";
import { gitBackend, withBasicAuth } from "../support/git-server.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

/** Ways in which programs print a value. */
const forms: Record<string, (value: string) => string> = {
	plain: (value) => value,
	base64: (value) => Buffer.from(value).toString("base64"),
	base64url: (value) => Buffer.from(value).toString("base64url"),
	login: (value) => Buffer.from(`someone:${value}`).toString("base64"),
	header: (value) => Buffer.from(JSON.stringify({ password: value })).toString("base64url"),
	url: encodeURIComponent,
	json: (value) => JSON.stringify(value).slice(1, -1),
};

/** Tells them all, each on a line of its own. */
const tell = `
const forms = { plain: (value) => value, base64: (value) => Buffer.from(value).toString("base64"), base64url: (value) => Buffer.from(value).toString("base64url"),
	login: (value) => Buffer.from("someone:" + value).toString("base64"), header: (value) => Buffer.from(JSON.stringify({ password: value })).toString("base64url"),
	url: encodeURIComponent, json: (value) => JSON.stringify(value).slice(1, -1) };
exports.tell = (name, value, say) => Object.entries(forms).forEach(([form, write]) => say(name + " " + form + "=[" + write(value) + "]"));
exports.tellEnv = (say) => ["DB_PASSWORD", "API_KEY"].forEach((name) => exports.tell(name, process.env[name], say));
`;

describe("Secrets leave by no way", () => {
	let bed: TestBed;
	let gitServer: Server;
	const planted: Record<string, string> = {};
	/** Everything that left, by the way it took. */
	const left: Record<string, string> = {};

	beforeAll(async () => {
		bed = await TestBed.open();
		const core = random();
		Object.assign(planted, {
			registryPassword: bed.sandbox.registryPassword,
			wrongRegistryPassword: random(),
			gitToken: random(),
			wrongGitToken: random(),
			// With characters that every encoding writes in another way.
			DB_PASSWORD: `p@ss/w"rd+${core}?ü`,
			// Written the same however often it is escaped.
			"within DB_PASSWORD": core,
			API_KEY: random(),
		});
	});
	afterAll(async () => {
		gitServer?.close();
		gitServer?.closeAllConnections();
		await bed.close();
	});

	it("though a build, an app, a crash and every failure tell them", { timeout: 600_000 }, async () => {
		const { DB_PASSWORD = "", API_KEY = "", gitToken = "" } = planted;
		const repo = await bed.project("leaky", {
			fixture: "worker",
			files: files("worker.js", "tellEnv(console.log);\ntellEnv(console.error);"),
		});
		const origin = await serveGit(repo.repoUrl, gitToken);
		const repoUrl = `https://${origin}/leaky`;
		await using receiver = await EventsReceiver.open(random());
		Object.assign(planted, { notifyToken: receiver.token, notifySecret: receiver.secret });
		const events = receiver.env;
		const trusting = { ...events, GIT_SSL_CAINFO: bed.path("ca.pem"), DEPLOYMILL_GIT_TOKEN_HOST: origin, DEPLOYMILL_LOG_LEVEL: "trace" };
		const server = await bed.server({ ...trusting, DEPLOYMILL_GIT_TOKEN: gitToken });
		const said = listen(server);
		const applicationId = await server.reconcile(repoUrl);
		await server.ok("set_env_vars", { applicationId, set: { DB_PASSWORD, API_KEY } });
		await server.ok("set_env_vars", { applicationId, set: { API_KEY } });
		await server.refusal("set_env_vars", { applicationId, set: { "NOT A NAME": API_KEY } });
		await server.refusal("set_env_vars", { applicationId, set: [DB_PASSWORD] });
		await server.ok("list_env_vars", { applicationId });
		// A worker process of its own has to know them before it reads the commit and builds.
		await repo.commit(`Use ${API_KEY}\n\n${DB_PASSWORD}`, {
			files: files("build.js", telling(planted), `RUN echo ${API_KEY}; node build.js; exit 4`),
		});
		const failed = await server.deployment("deploy", { applicationId }, { onProgress: () => undefined });
		expect(failed.error?.code).toBe("build_failed");
		await server.ok("get_logs", { applicationId, tail: 500 });
		await repo.commit("Live", { files: files("worker.js", "tellEnv(console.log);\ntellEnv(console.error);", "RUN true") });
		const live = await server.deployment("deploy", { applicationId }, { onProgress: () => undefined });
		expect(live).toMatchObject({ outcome: "live", rollbackId: expect.any(String) });
		const runtime = await until(
			() => server.ok("get_logs", { applicationId, source: "runtime" }),
			({ text }) => String(text).split("API_KEY json=").length > 2,
		);
		for (const form of Object.keys(forms)) expect(runtime.text).toMatch(new RegExp(`DB_PASSWORD ${form}=\\[.*\\*\\*\\*`));
		await repo.commit("Crash", { files: files("worker.js", "tellEnv(console.error);\nprocess.exit(3);", "RUN true") });
		const crashed = await server.deployment("deploy", { applicationId }, { onProgress: () => undefined });
		expect(crashed.orchestrator?.failedTasks?.[0]?.output).toContain("API_KEY json=[***]");
		await lookAtAll(server, applicationId, live.deploymentId);
		// The crashed task's predecessor runs on with values that a server started now has no record of.
		await server.ok("set_env_vars", { applicationId, set: { API_KEY: random() }, unset: ["DB_PASSWORD"] });
		const fresh = await bed.server({ ...trusting, DEPLOYMILL_GIT_TOKEN: gitToken });
		const freshly = listen(fresh);
		expect((await fresh.ok("get_logs", { applicationId, source: "runtime" })).text).toContain("DB_PASSWORD plain=[***]");
		left["answers of a fresh server"] = freshly.join("\n");
		for (const [label, changes] of Object.entries(wrongCredentials())) {
			const stranger = await bed.server({ ...trusting, DEPLOYMILL_GIT_TOKEN: gitToken, ...changes });
			const heard = listen(stranger);
			await stranger.call("reconcile_project", { repoUrl, applicationId });
			await stranger.call("deploy", { applicationId, force: true });
			await stranger.call("rollback", { applicationId, rollbackId: live.rollbackId, dryRun: true });
			await stranger.call("rollback", { applicationId, rollbackId: live.rollbackId });
			left[`answers with a wrong ${label}`] = heard.join("\n");
			left[`stderr with a wrong ${label}`] = stranger.stderr;
		}
		const outcomes = [failed, live, crashed].map(({ deploymentId, outcome }) => `${deploymentId}:${outcome}`);
		await until(
			async () => receiver.deliveryIds,
			(ids) => outcomes.every((outcome) => ids.includes(outcome)),
		);
		left.events = JSON.stringify(receiver.received);
		left.answers = said.join("\n");
		left.stderr = server.stderr;
		expect(left.answers).toMatch(/"registry_auth_failed"|"repo_auth_failed"|build_failed/);
		expect(left["answers with a wrong registry password"]).toContain("registry_auth_failed");
		expect(left["answers with a wrong git token"]).toContain("repo_auth_failed");
		expect(left.stderr).toContain('"level":');
		planted.key = (await readFile(join(bed.dataFolder, "key"), "latin1")).trim();
		for (const name of await filesIn(bed.dataFolder)) {
			if (name !== "key") left[`the file ${name}`] = await readFile(join(bed.dataFolder, name), "latin1");
		}
		expect(Object.keys(left)).toEqual(
			expect.arrayContaining([
				"the file deploymill.db",
				"the file deploymill.db-wal",
				`the file logs/${live.deploymentId}.log`,
				`the file logs/${live.deploymentId}.worker.log`,
			]),
		);
		expect(findPlanted()).toEqual([]);
	});

	/** Where which secret was found, in which form. */
	function findPlanted(): string[] {
		return Object.entries(planted).flatMap(([name, value]) =>
			Object.entries(forms).flatMap(([form, write]) => {
				// Within base64 the first and last characters belong to what stands around as well.
				const wanted = Buffer.from(form === "login" || form === "header" ? write(value).slice(-(value.length - 4)) : write(value));
				return Object.entries(left)
					.filter(([, text]) => text.includes(wanted.toString("latin1")) || text.includes(wanted.toString()))
					.map(([way]) => `${name} (${form}) in ${way}`);
			}),
		);
	}

	function wrongCredentials(): Record<string, Record<string, string>> {
		return {
			"registry password": { DEPLOYMILL_REGISTRY_PASSWORD: planted.wrongRegistryPassword ?? "" },
			"git token": { DEPLOYMILL_GIT_TOKEN: planted.wrongGitToken ?? "" },
		};
	}

	/** git over https, for who has the token; returns `host:port`. */
	async function serveGit(directory: string, token: string): Promise<string> {
		const certificate = await makeCertificate(["DNS:localhost"]);
		await writeFile(bed.path("ca.pem"), certificate.cert);
		gitServer = createServer(certificate, withBasicAuth(token, gitBackend(directory), []));
		await new Promise<void>((resolve) => gitServer.listen(0, "127.0.0.1", resolve));
		return `localhost:${(gitServer.address() as AddressInfo).port}`;
	}

	async function lookAtAll(server: Deploymill, applicationId: string, deploymentId: string): Promise<void> {
		await server.client.listTools();
		await server.client.listResources();
		const calls: [string, Content][] = [
			["list_applications", {}],
			["list_deployments", { applicationId }],
			["get_deployment", { deploymentId }],
			["get_app_health", { applicationId }],
			["get_logs", { applicationId, source: "runtime", tail: 500 }],
			["get_logs", { applicationId, deploymentId }],
			["reconcile_project", { applicationId, dryRun: true }],
			["rollback", { applicationId, rollbackId: "rb-none" }],
		];
		for (const [tool, args] of calls) await server.call(tool, args);
	}
});

function random(): string {
	return randomBytes(18).toString("base64url");
}

/** A program that tells, and the Dockerfile that runs `step` with it. */
function files(name: string, body: string, step = "RUN true"): Record<string, string> {
	const head =
		'const { tell, tellEnv } = require("./tell.js");\nprocess.on("SIGTERM", () => process.exit(0));\nsetInterval(() => {}, 60_000);\n';
	return {
		"tell.js": tell,
		[name]: `${name === "worker.js" ? head : 'const { tell } = require("./tell.js");\n'}${body}\n`,
		Dockerfile: `FROM node:24-slim\nWORKDIR /app\nCOPY . ./\n${step}\nCMD ["node", "worker.js"]\n`,
	};
}

/** A program's lines that tell what a build came to know: the git token and the registry's password would have to leak there first. */
function telling(secrets: Record<string, string>): string {
	const known = Object.entries(secrets).filter(([name]) => !name.startsWith("w"));
	return known.map(([name, value]) => `tell(${JSON.stringify(name)}, ${JSON.stringify(value)}, console.error);`).join("\n");
}

/** Every message that the server sends from here on, as it came. */
function listen(server: Deploymill): string[] {
	const heard: string[] = [];
	const { transport } = server.client;
	const inner = transport?.onmessage;
	if (!transport || !inner) throw new Error("the client is not connected");
	transport.onmessage = (message, extra) => {
		heard.push(JSON.stringify(message));
		inner(message, extra);
	};
	return heard;
}

async function filesIn(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
