// `deploymill init` on an engine that has nothing: it shows, asks, makes, and has nothing to do the second time.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, runDeploymill } from "../support/command.ts";
import { program } from "../support/deploymill.ts";
import { EmptyEngine } from "../support/empty-engine.ts";
import { until } from "../support/until.ts";

const startTimeoutMs = 400_000;

let engine: EmptyEngine;
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "deploymill-init-"));
	engine = await EmptyEngine.start();
}, startTimeoutMs);

afterAll(async () => {
	await engine?.[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
}, startTimeoutMs);

function env(changes: Record<string, string> = {}): Record<string, string> {
	const edge = { DEPLOYMILL_EDGE_SCHEME: "http", DEPLOYMILL_TRAEFIK_ENTRYPOINT: "web" };
	return { DOCKER_HOST: engine.dockerHost, DEPLOYMILL_DATA_DIR: folder, DEPLOYMILL_ENDPOINT_MODE: "dnsrr", ...edge, ...changes };
}

function init(args: string[] = [], changes: Record<string, string> = {}): Promise<CommandResult> {
	const images = ["--registry-image", engine.registryImage, "--ingress-image", engine.ingressImage];
	return runDeploymill(["init", "--advertise-addr", engine.address, ...images, ...args], env(changes));
}

async function swarmState(): Promise<string> {
	return (await engine.docker.info()).Swarm.LocalNodeState;
}

/** Everything that init could have changed. */
async function everything() {
	const [services, networks, secrets] = await Promise.all([
		engine.docker.listServices(),
		engine.docker.listNetworks(),
		engine.docker.listSecrets(),
	]);
	return {
		services: services.map(({ ID, Version }) => `${ID} ${Version?.Index}`).sort(),
		networks: networks.map(({ Id }) => Id).sort(),
		secrets: secrets.map(({ ID }) => ID).sort(),
	};
}

describe("on an engine that is in no swarm", () => {
	it("is told by the doctor to run init", async () => {
		const { code, stdout } = await runDeploymill(["doctor", "--json"], env());
		expect(code).toBe(1);
		const { checks } = JSON.parse(stdout);
		expect(checks.find(({ name }: { name: string }) => name === "swarm").cure).toContain("deploymill init");
	});

	it("shows its plan with the cause of each step, and makes nothing in a dry run", async () => {
		const { code, stdout } = await init(["--dry-run"]);
		expect(code).toBe(0);
		for (const made of [
			"a swarm with this engine",
			"overlay network deploymill",
			"service deploymill-registry",
			"service deploymill-ingress",
		]) {
			expect(stdout).toContain(made);
		}
		expect(stdout.match(/because /g)).toHaveLength(4);
		expect(await swarmState()).toBe("inactive");
	});

	it("makes nothing where nobody can confirm it, says so, and exits with 2", async () => {
		const { code, stdout, stderr } = await init();
		expect(code).toBe(2);
		expect(stdout).toContain("To make:");
		expect(stderr).toContain("--yes");
		expect(await swarmState()).toBe("inactive");
	});

	it("asks at a terminal, and makes nothing where the answer is no", async () => {
		const command = [program.command, program.file, "init", "--no-registry", "--no-ingress"].join(" ");
		const terminal = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
			env: { ...env(), PATH: process.env.PATH ?? "" },
			stdio: ["pipe", "pipe", "inherit"],
		});
		let shown = "";
		terminal.stdout.setEncoding("utf8").on("data", (words: string) => {
			shown += words;
			if (shown.includes("[y/N]")) terminal.stdin.end("n\n");
		});
		const [code] = (await once(terminal, "close")) as [number];
		expect(code, shown).toBe(2);
		expect(shown).toContain("the plan was not confirmed");
		expect(await swarmState()).toBe("inactive");
	});

	it("wants an address for Let's Encrypt before it makes an ingress for https", async () => {
		const { code, stdout, stderr } = await init(["--yes"], { DEPLOYMILL_EDGE_SCHEME: "https" });
		expect(code).toBe(2);
		expect(stdout).toContain("pass --email");
		expect(stderr).toContain("Nothing was made");
		expect(await swarmState()).toBe("inactive");
	});

	it("makes all of it, and gives the settings with a password that opens the registry", async () => {
		const { code, stdout, stderr } = await init(["--yes"]);
		expect(code, stdout + stderr).toBe(0);
		const given = Object.fromEntries([...stdout.matchAll(/^(DEPLOYMILL_\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));
		expect(Object.keys(given)).toEqual(["DEPLOYMILL_REGISTRY", "DEPLOYMILL_REGISTRY_USERNAME", "DEPLOYMILL_REGISTRY_PASSWORD"]);
		const labels = (await engine.docker.listServices()).map(({ Spec }) => Spec?.Labels?.["deploymill.part"]);
		expect(labels.sort()).toEqual(["ingress", "registry"]);
		// The doctor logs in, pushes an image and pulls it back.
		const examined = await runDeploymill(["doctor", "--json"], env(given));
		expect(examined.code, examined.stdout).toBe(0);
		const { code: refused } = await runDeploymill(["doctor"], env({ ...given, DEPLOYMILL_REGISTRY_PASSWORD: "another-one" }));
		expect(refused).toBe(1);
	});

	it("keeps the password nowhere on the engine but as a hash", async () => {
		const services = JSON.stringify(await engine.docker.listServices());
		expect(services).toContain("REGISTRY_AUTH=htpasswd");
		expect(services).not.toMatch(/PASSWORD=/);
	});

	it("starts the ingress with Traefik's Swarm provider and our entry point, on port 80 of the node", async () => {
		const flags = await until(ask, (answer) => answer.length > 0);
		expect(flags).toEqual(
			expect.arrayContaining([
				"--providers.swarm.network=deploymill",
				"--providers.swarm.exposedbydefault=false",
				"--entrypoints.web.address=:80",
			]),
		);
	});

	it("has nothing to do the second time, and changes nothing", async () => {
		const before = await everything();
		const { code, stdout } = await init(["--yes"]);
		expect(code).toBe(0);
		expect(stdout).toContain("Nothing to do");
		expect(await everything()).toEqual(before);
	});

	it("leaves a port that another service publishes alone", async () => {
		const { code, stdout } = await init(["--yes"], { DEPLOYMILL_NETWORK: "another" });
		expect(code).toBe(2);
		expect(stdout).toContain("Port 80 is published by the service deploymill-ingress");
	});

	it("leads a Caddy user on, and makes no ingress for them", async () => {
		const { code, stdout } = await init(["--dry-run"], { DEPLOYMILL_NETWORK: "another", DEPLOYMILL_INGRESS: "caddy" });
		expect(code).toBe(0);
		expect(stdout).toContain("lucaslorentz/caddy-docker-proxy");
		expect(stdout).not.toContain("service deploymill-ingress:");
	});
});

/** The flags that the stand-in for Traefik was started with; none while it does not answer. */
function ask(): Promise<string[]> {
	return new Promise((resolve) => {
		const call = request({ host: engine.address, port: 80, agent: false, timeout: 2_000 }, async (response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of response) chunks.push(chunk as Buffer);
			resolve(JSON.parse(Buffer.concat(chunks).toString()) as string[]);
		});
		call.on("timeout", () => call.destroy());
		call.on("error", () => resolve([]));
		call.end();
	});
}
