// Offers the prompts: the two jobs people come with.
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import type { completions } from "./records.ts";

/** @param complete what a client may offer while somebody types */
export function registerPrompts(mcp: McpServer, complete: ReturnType<typeof completions>): void {
	mcp.registerPrompt(
		"take_back_a_bad_deploy",
		{
			title: "Take back a bad deploy",
			description: "Find what is live, decide whether a rollback helps, do it, and prove that the app is well again",
			argsSchema: {
				applicationId: completable(z.string().describe("The application, as list_applications names it"), complete.applicationId),
				rollbackId: completable(
					z.string().optional().describe("What to go back to; absent: the last earlier healthy one"),
					(typed, context) => complete.rollbackId(typed ?? "", context),
				),
				symptom: z.string().optional().describe("What users see"),
			},
		},
		({ applicationId, rollbackId, symptom }) => asUser(takeBack(applicationId, rollbackId, symptom)),
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
	mcp.registerPrompt(
		"find_what_happened",
		{
			title: "Find what happened",
			description: "After a lost call or session: what was begun, what became of it, what is live",
			argsSchema: {
				applicationId: completable(z.string().describe("The application, as list_applications names it"), complete.applicationId),
			},
		},
		({ applicationId }) => asUser(findOut(applicationId)),
	);
}

function takeBack(applicationId: string, rollbackId: string | undefined, symptom: string | undefined): string {
	const target = rollbackId ? ` Go back to ${JSON.stringify(rollbackId)}.` : "";
	return `Take back a bad deploy of the application ${JSON.stringify(applicationId)}.${target}${symptom ? ` What users see: ${JSON.stringify(symptom)}.` : ""}

1. list_deployments: is one running? Then wait for it with get_deployment first. Note what is current.
2. get_app_health, and get_logs with source "runtime" and level "error": is the current release the cause? A rollback does not cure a dependency that is down, or data that is corrupt: then stop, and tell me what is. If only some edges are bad, report that, and go on when I agree.
3. rollback with dryRun: true. Without a rollbackId it goes to the last healthy earlier release, which may hold the very change that annoys: choose by the commits. If it says wouldBeRefused, stop and tell me what I have to decide. If migrations lie in between, a forward fix is usually right. If changedSince names an env var that is the cause, set it right with set_env_vars, which takes effect with the next deploy or rollback: a rollback keeps today's.
4. rollback with the arguments under next, and a reason. The branch's next deploy brings the change back, unless it is reverted there or you pass hold: true.
5. Believe outcome, rolledOver and health.verdict alone: inconclusive means that nobody could tell, null that nothing was judged. Report what is live now, what was wrong, and what must be fixed before the next deploy. Do not deploy again.`;
}

function setUp(repoUrl: string): string {
	return `Set up the repository ${JSON.stringify(repoUrl)} with deploymill.

1. Read deploymill://guides/project-config and deploymill://guides/health.
2. Look at the repository: its Dockerfile, the port it listens on, its health endpoint, where it keeps data. If .deploymill/project.json is there, keep it and go on with 3; else write it (version 2) with name, port, domains.prod, health, and rollback "auto" if a registry is configured, else false. Show it to me before it is committed and pushed.
3. reconcile_project with dryRun: true. Explain plan.steps, blocked domains and warnings to me.
4. reconcile_project, then set_env_vars for what the app needs. Ask me for secret values; never invent them.
5. deploy, follow next until it ends, and report outcome and health.verdict as they are.`;
}

function findOut(applicationId: string): string {
	return `A call or session about the application ${JSON.stringify(applicationId)} was lost. Find out what became of it, and change nothing.

1. list_applications: what is live, what is in progress and by whom, is anything held or changed by hand?
2. list_deployments: the newest entries. One that is running goes on by itself: get_deployment with wait returns when it ends.
3. get_deployment of the one that was lost: outcome says whether it is live; because, error and autoRollbackNote say why not.
4. get_app_health: does what runs match what was last put there, and is it well?
5. Tell me what is live now, what was begun and how it ended, and what is left to decide. Do not deploy or roll back before I agree.`;
}

function asUser(text: string) {
	return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}
