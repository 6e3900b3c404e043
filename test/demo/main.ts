// Runs `npm run demo`: an agent's day with deploymill on a real Swarm, told as it happens. What is told is checked.
import { AssertionError, deepEqual, equal, notEqual } from "node:assert/strict";
import { join } from "node:path";
import { Agent } from "./agent.ts";
import { visit } from "./browser.ts";
import { clientConfig, serverEntry, writeClientConfig } from "./client-config.ts";
import type { Deployment } from "./deployment.ts";
import { chapter, tell, tellDeployments, tellEnd, tellPage } from "./narrator.ts";
import { createRepository } from "./repository.ts";
import { build, clearStage, raiseSandbox } from "./stage.ts";

const host = "demo.example.com";
const applicationId = "deploymill-demo";

interface Reconciled {
	applied: boolean;
	plan: { steps: { action: string; target: string; to?: unknown; cause: string }[] };
}

try {
	await tellStory();
} catch (error) {
	const notAsTold = error instanceof AssertionError;
	console.error(`\n${notAsTold ? "That was not as told: " : "The demo could not go on: "}${(error as Error).message}`);
	process.exitCode = 1;
}

async function tellStory(): Promise<void> {
	chapter("The stage: a Docker Engine of its own with Swarm, a registry and an ingress");
	await build();
	const sandbox = await raiseSandbox();
	const folder = await clearStage(sandbox, applicationId);
	const repository = await createRepository(join(folder, "repository"));
	const entry = serverEntry({ ...sandbox.env, DEPLOYMILL_DATA_DIR: join(folder, "data") });
	tell(`Docker Engine ${sandbox.engineVersion}, registry ${sandbox.registry}, ingress ${sandbox.edgeAddress}`);
	tell(`a small web app in a git repository: ${repository.versions.map(({ tag, message }) => `${tag} "${message}"`).join(", ")}`);

	await using agent = await Agent.start(entry);
	const look = async (status: number, says: string) => {
		const page = await visit(host, sandbox.edgeAddress);
		tellPage(`http://${host}/`, page);
		deepEqual(page, { status, says });
	};
	const deploy = (ref: string) => run(agent, "deploy", { ref });
	const rollback = (rollbackId: string | null, reason: string) => run(agent, "rollback", { rollbackId, reason });

	chapter("What would deploymill do with this repository?");
	const planned = await reconcile(agent, { repoUrl: repository.url, dryRun: true });
	equal(planned.applied, false);

	chapter("Do it: the application is registered, nothing is deployed yet");
	const applied = await reconcile(agent, { repoUrl: repository.url });
	equal(applied.applied, true);

	chapter("Deploy v1");
	const v1 = await deploy("v1");
	equal(v1.outcome, "live");
	await look(200, "Hello from version 1.0.0");

	chapter("Deploy v2");
	const v2 = await deploy("v2");
	equal(v2.outcome, "live");
	notEqual(v2.rollbackId, v1.rollbackId);
	await look(200, "Good day from version 2.0.0");

	chapter("Deploy v3: its container says it is well, and yet it turns every visitor away");
	const v3 = await deploy("v3");
	equal(v3.outcome, "live_unhealthy");
	equal(v3.health?.verdict, "unhealthy");
	await look(400, "This host name is not served here.");

	chapter("What is there to go back to?");
	const before = await list(agent);
	deepEqual(
		before.map(({ outcome, current }) => [outcome, current]),
		[
			["live_unhealthy", true],
			["live", false],
			["live", false],
		],
	);

	chapter("Back to v2: its image is in the registry, nothing is built");
	equal((await rollback(v2.rollbackId, "v3 turns visitors away")).outcome, "live");
	await look(200, "Good day from version 2.0.0");

	chapter("v3 was right, but a setting was missing: set it, and go forward to the same image");
	await agent.call("set_env_vars", { applicationId, set: { ALLOWED_HOSTS: `localhost,127.0.0.1,${host}` } });
	equal((await rollback(v3.rollbackId, "ALLOWED_HOSTS is set now")).outcome, "live");
	await look(200, "Good day from version 3.0.0");

	chapter("Deploy v4, which ends as soon as it starts: Swarm refuses it, and v3 goes on serving");
	const v4 = await deploy("v4");
	equal(v4.outcome, "orchestrator_rolled_back");
	await look(200, "Good day from version 3.0.0");

	chapter("The whole day");
	const after = await list(agent);
	equal(after.length, 6);
	equal(after.find(({ current }) => current)?.kind, "rollback");

	chapter("Go on yourself");
	const configFile = join(folder, "mcp.json");
	await writeClientConfig(configFile, entry);
	tell(`The app:             curl -H 'Host: ${host}' http://${sandbox.edgeAddress}/`);
	tell(`With Claude Code:    claude --mcp-config ${configFile}`);
	tell("With Claude Desktop, in claude_desktop_config.json:");
	console.log(clientConfig(entry));
	tell("The sandbox stays up until:  npm run sandbox -- down");
}

async function reconcile(agent: Agent, args: Record<string, unknown>): Promise<Reconciled> {
	const answer = await agent.call<Reconciled>("reconcile_project", args);
	for (const { action, target, to } of answer.plan.steps) tell(`${action.padEnd(9)} ${target.padEnd(12)} ${JSON.stringify(to)}`);
	tell(answer.applied ? "applied" : "not applied: this was a dry run");
	return answer;
}

async function run(agent: Agent, tool: "deploy" | "rollback", args: Record<string, unknown>): Promise<Deployment> {
	const deployment = await agent.call<Deployment>(tool, { applicationId, ...args, wait: 100 });
	tellEnd(deployment);
	return deployment;
}

async function list(agent: Agent): Promise<Deployment[]> {
	const { deployments } = await agent.call<{ deployments: Deployment[] }>("list_deployments", { applicationId });
	tellDeployments(deployments);
	return deployments;
}
