// Writes what people are told of an event: its fields, and one text that a chat can show as it is.
import type { DeploymentEvent, EventName } from "../../model/event.ts";
import { harmlessInChat } from "../../text/chat.ts";
import { firstLine } from "../../text/first-line.ts";
import type { Untrusted } from "../../untrusted.ts";
import type { EventMessage } from "../ports/event-receiver.ts";

const longestNote = 600;

const headlines: Record<EventName, string> = {
	live: "live",
	live_unhealthy: "live and UNHEALTHY",
	unchanged: "unchanged",
	rolled_back: "rolled back",
	degraded: "DEGRADED",
	orchestrator_rolled_back: "refused by Swarm, the version before serves",
	failed: "failed",
	cancelled: "cancelled",
	interrupted: "interrupted",
	bake_failed: "unhealthy after it went live",
	confirmation_expired: "not confirmed in time",
};

/** Words of others are cleaned, masked and cut; in `text` they call nobody, and are no links. */
export function messageOf(event: DeploymentEvent, untrusted: Untrusted): EventMessage {
	const { commit, note, requestedBy } = event;
	const clean: DeploymentEvent = {
		...event,
		commit: commit && { sha: commit.sha, message: untrusted.line(firstLine(commit.message)), author: untrusted.line(commit.author) },
		note: note === null ? null : untrusted.line(note, longestNote),
		requestedBy: untrusted.line(requestedBy),
	};
	return { ...clean, text: textOf(clean) };
}

function textOf({ event, applicationId, deploymentId, kind, commit, note, requestedBy }: DeploymentEvent): string {
	const what = `${kind.replace("_", " ")} ${deploymentId}`;
	// Within backticks most chats read no markup at all.
	const ofCommit = commit ? `, commit ${commit.sha.slice(0, 8)} \`${harmlessInChat(commit.message)}\`` : "";
	const headline = `${applicationId}: ${headlines[event]} (${what}${ofCommit}, asked for by \`${harmlessInChat(requestedBy)}\`)`;
	return note === null ? headline : `${headline}\n${harmlessInChat(note)}`;
}
