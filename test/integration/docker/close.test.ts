import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { findSandbox } from "../../support/sandbox.ts";

it("lets the process end once swarm and client are closed", async () => {
	const { dockerHost } = await findSandbox();
	const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
	const program = `
		const { DockerClient } = await import(${source("adapters/docker/client.ts")});
		const { DockerSwarm } = await import(${source("adapters/docker/swarm.ts")});
		const { Redactor } = await import(${source("redact.ts")});
		const { Untrusted } = await import(${source("untrusted.ts")});
		const host = ${JSON.stringify(dockerHost)};
		const client = new DockerClient({ host, description: host }, new Untrusted(new Redactor()));
		const swarm = new DockerSwarm(client, "deploymill", { debug() {} });
		await swarm.facts();
		await swarm.waitForChange("nothing", 100);
		const wait = swarm.waitForChange("nothing", 60_000);
		swarm.close();
		client.close();
		await wait;
		console.log("closed", Date.now());`;
	const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 10_000 });
	const closedAt = Number(/closed (\d+)/.exec(stdout)?.[1]);
	expect(Date.now() - closedAt).toBeLessThan(1000);
});
