import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { Wire } from "../support/wire.ts";

const random = () => randomBytes(18).toString("base64url");

describe("Secrets that nobody has used yet", () => {
	let bed: TestBed;
	const secrets = {
		passwordFile: "",
		tokenFile: random(),
		notifyUrlFile: `http://127.0.0.1:1/hooks/${random()}`,
		notifySecretFile: random(),
		auth: random(),
		identityToken: random(),
		helper: random(),
		otherApplication: random(),
		setByAnotherServer: random(),
		key: "",
	};

	beforeAll(async () => {
		bed = await TestBed.open();
		secrets.passwordFile = bed.sandbox.registryPassword;
	});
	afterAll(() => bed.close());

	/** A program that docker would ask for a login. */
	async function helper(name: string, script: string): Promise<void> {
		const file = join(bed.path("bin"), `docker-credential-${name}`);
		await mkdir(bed.path("bin"), { recursive: true });
		await writeFile(file, `#!/bin/sh\n${script}\n`);
		await chmod(file, 0o755);
	}

	/** The recommended way: nothing secret in the environment. */
	async function env(config: object): Promise<Record<string, string>> {
		await mkdir(bed.path("docker"), { recursive: true });
		await writeFile(bed.path("docker/config.json"), JSON.stringify(config));
		await writeFile(bed.path("password"), `${secrets.passwordFile}\n`);
		await writeFile(bed.path("token"), `${secrets.tokenFile}\n`);
		await writeFile(bed.path("notify-url"), `${secrets.notifyUrlFile}\n`);
		await writeFile(bed.path("notify-secret"), `${secrets.notifySecretFile}\n`);
		return {
			PATH: `${bed.path("bin")}${delimiter}${process.env.PATH}`,
			DOCKER_CONFIG: bed.path("docker"),
			DEPLOYMILL_REGISTRY_PASSWORD: "",
			DEPLOYMILL_REGISTRY_PASSWORD_FILE: bed.path("password"),
			DEPLOYMILL_GIT_TOKEN_FILE: bed.path("token"),
			DEPLOYMILL_NOTIFY_URL_FILE: bed.path("notify-url"),
			DEPLOYMILL_NOTIFY_SECRET_FILE: bed.path("notify-secret"),
			DEPLOYMILL_KEY_FILE: bed.path("key"),
		};
	}

	it("are masked in a build that tells them, and in a log that was written before", { timeout: 300_000 }, async () => {
		await helper("told", `printf '{"Username":"u","Secret":"${secrets.helper}"}'`);
		const auths = {
			"registry.example.com": { auth: Buffer.from(`someone:${secrets.auth}`).toString("base64") },
			"other.example.com": { auth: Buffer.from("someone:").toString("base64"), identitytoken: secrets.identityToken },
		};
		const settings = await env({ auths, credHelpers: { "helped.example.com": "told" } });
		const server = await bed.server(settings);
		const other = await bed.server(settings);
		const bystander = await other.reconcile((await bed.project("bystander", { fixture: "worker" })).repoUrl);
		await other.ok("set_env_vars", { applicationId: bystander, set: { A: secrets.otherApplication } });
		secrets.key = (await readFile(bed.path("key"))).toString("base64");
		const told = Object.values(secrets).map((secret) => `RUN echo told [${secret}]`);
		const files = { Dockerfile: `FROM node:24-slim\n${told.join("\n")}\nRUN exit 4\n` };
		const applicationId = await server.reconcile((await bed.project("telling", { fixture: "worker", files })).repoUrl);
		await other.ok("set_env_vars", { applicationId: bystander, set: { B: secrets.setByAnotherServer } });
		const failed = await server.deployment("deploy", { applicationId });
		expect(failed.error?.code).toBe("build_failed");
		const log = join(bed.dataFolder, "logs", `${failed.deploymentId}.log`);
		expect(findIn(await readFile(log, "utf8"))).toEqual([]);
		expect(await readFile(log, "utf8")).toContain("told [***]");
		// As an older deploymill wrote it.
		await writeFile(
			log,
			Object.values(secrets)
				.map((secret) => `told [${secret}]`)
				.join("\n"),
		);
		for (const reader of [server, other, await bed.server(settings)]) {
			const { text } = await reader.ok("get_logs", { applicationId });
			expect([findIn(String(text)), String(text).split("told [***]").length - 1]).toEqual([[], Object.keys(secrets).length]);
		}
	});

	it("of a helper that hangs hold up no initialize, ping or list, and an answer no longer than the helper's time", {
		timeout: 120_000,
	}, async () => {
		await helper("hanging", `echo $$ > ${bed.path("hanging.pid")}; exec sleep 600`);
		await using wire = new Wire(bed.env(await env({ credHelpers: { "helped.example.com": "hanging" } })));
		expect((await wire.greet("2025-11-25")).result).toMatchObject({ serverInfo: { name: "deploymill" } });
		const isThere = (path: string) =>
			stat(path).then(
				() => true,
				() => false,
			);
		await until(
			() => isThere(bed.path("hanging.pid")),
			(there) => there,
		);
		const pid = await until(
			() => readFile(bed.path("hanging.pid"), "utf8"),
			(text) => text.trim() !== "",
		);
		expect((await wire.ask("ping")).result).toEqual({});
		expect((await wire.ask("tools/list")).result.tools.length).toBeGreaterThan(5);
		expect(await isThere(`/proc/${pid.trim()}`)).toBe(true);
		expect((await wire.ask("tools/call", { name: "list_applications", arguments: {} })).result.structuredContent).toHaveProperty(
			"applications",
		);
		expect(await isThere(`/proc/${pid.trim()}`)).toBe(false);
	});

	function findIn(text: string): string[] {
		return Object.entries(secrets)
			.filter(([, secret]) => text.includes(secret))
			.map(([name]) => name);
	}
});
