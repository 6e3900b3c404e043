// Offers the prompts: the two jobs people come with.
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

export function registerPrompts(mcp: McpServer): void {
	mcp.registerPrompt(
		"take_back_a_bad_deploy",
		{
			title: "Take back a bad deploy",
			description: "Find what is live, decide whether a rollback helps, do it, and prove that the app is well again",
			argsSchema: {
				applicationId: z.string().describe("The application, as list_applications names it"),
				symptom: z.string().optional().describe("What users see"),
			},
		},
		({ applicationId, symptom }) => asUser(takeBack(applicationId, symptom)),
	);
	mcp.registerPrompt(
		"set_up_a_repo",
		{
			title: "Set up a repository",
			description: "Write .deploymill/project.json, reconcile, and make the first deploy",
			argsSchema: { repoUrl: z.string().describe("Address of the git repository") },
		},
		({ repoUrl }) => asUser(setUp(repoUrl)),
	);
}

function takeBack(applicationId: string, symptom: string | undefined): string {
	return `Take back a bad deploy of the application ${JSON.stringify(applicationId)}.${symptom ? ` What users see: ${JSON.stringify(symptom)}.` : ""}

1. list_deployments: is one running? Then wait for it with get_deployment first. Note what is current.
2. get_app_health, and get_logs with source "runtime" and level "error": is the current release the cause? A database or dependency that is down is not cured by a rollback.
3. rollback with dryRun: true. If migrations lie in between, stop and tell me: a forward fix is usually right. If an env var is the cause, set_env_vars first: a rollback does not take env vars back.
4. rollback with the rollbackId and expectedCurrent of the dry run, and a reason.
5. Believe outcome and health.verdict alone. Report what is live now, what was wrong, and what must be fixed before the next deploy. Do not deploy again.`;
}

function setUp(repoUrl: string): string {
	return `Set up the repository ${JSON.stringify(repoUrl)} with deploymill.

1. Read deploymill://guides/project-config and deploymill://guides/health.
2. Look at the repository: its Dockerfile, the port it listens on, its health endpoint, where it keeps data. Write .deploymill/project.json (version 2) with name, port, domains.prod, health, and rollback "auto" if a registry is configured, else false. Show it to me before it is committed and pushed.
3. reconcile_project with dryRun: true. Explain plan.steps, blocked domains and warnings to me.
4. reconcile_project, then set_env_vars for what the app needs. Ask me for secret values; never invent them.
5. deploy, follow next until it ends, and report outcome and health.verdict as they are.`;
}

function asUser(text: string) {
	return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}
