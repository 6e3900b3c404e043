// Has a person agree before a tool changes something that DEPLOYMILL_APPROVE names (contract section 14).
import type { Approval } from "../config/settings.ts";
import { DeploymillError } from "../errors.ts";
import { type ApprovalQuestion, questionOf } from "./approval-question.ts";
import type { Tool, ToolContext } from "./tool.ts";

const toolsOf: Record<Exclude<Approval, "all">, string> = {
	deploy: "deploy",
	rollback: "rollback",
	reconcile: "reconcile_project",
	env: "set_env_vars",
};

export function needsApproval(name: string, approve: readonly Approval[]): boolean {
	return Object.entries(toolsOf).some(([group, tool]) => tool === name && (approve.includes("all") || approve.includes(group as Approval)));
}

/**
 * What was shown is what is done: the commit, the target and what is live are fixed in the arguments that go on. A dry run, and a
 * request that began its deployment before, change nothing and are not asked about.
 */
export function approvedFirst(tool: Tool): Tool {
	return {
		...tool,
		async call(args, context) {
			const { args: shown, question } = await questionOf(tool.name, args, context);
			if (question) await askOrRefuse(tool.name, question, context);
			return tool.call(shown, context);
		},
	};
}

/** @throws approval_needed */
async function askOrRefuse(name: string, question: ApprovalQuestion, { askPerson, signal }: ToolContext): Promise<void> {
	const answer = askPerson ? await askPerson(question.text, signal) : "nobody";
	signal.throwIfAborted();
	if (answer === "agreed") return;
	const why = {
		declined: "the person who was asked did not agree",
		dismissed: "the person who was asked closed the question without an answer",
		no_answer: "the person who was asked did not answer",
		nobody: "this client cannot ask one",
	};
	const hints = {
		declined: { hint: "Do not ask again for the same. Tell your user what it was for, and go on when they want it." },
		dismissed: { hint: "Tell your user what it was for, and call again when they want it." },
		no_answer: {},
		nobody: {},
	};
	throw new DeploymillError(
		"approval_needed",
		`${name} needs a person's approval (DEPLOYMILL_APPROVE), and ${why[answer]}. Nothing was changed.`,
		{
			...hints[answer],
			details: { wouldChange: question.text, ...(answer === "declined" ? {} : { command: question.command }) },
		},
	);
}
