// Runs the timeline within an MCP client: shows what `list_deployments` answered, what going back would mean, and goes back when asked twice.
import { App, PostMessageTransport } from "@modelcontextprotocol/ext-apps";
import { pointOf, type Timeline, type TimelineApplication, type TimelineRow } from "../timeline.ts";
import { make, showTimeline } from "./show.ts";

const place = document.getElementById("timeline");
const app = new App({ name: "deploymill timeline", version: "1.0.0" }, {});

/** What `list_deployments` answers. */
interface Listed {
	applicationId: string;
	deployments: TimelineRow[];
	nextCursor?: string;
	mismatch?: string;
}

app.ontoolresult = ({ structuredContent }) => {
	if (structuredContent) void show(structuredContent as unknown as Listed);
};
void app.connect(new PostMessageTransport(window.parent, window.parent));

async function show({ applicationId, deployments, nextCursor, mismatch }: Listed): Promise<void> {
	const application = await findApplication(applicationId);
	const timeline: Timeline = {
		application: { ...application, applicationId, ...(mismatch ? { mismatch } : {}) },
		deployments,
		more: nextCursor !== undefined,
		readAt: new Date().toISOString(),
	};
	if (place) showTimeline(place, timeline, (row) => (pointOf(row) ? [goingBack(applicationId, row)] : []));
}

/** What is live stands in another answer. Where it cannot be had, that is said, and the list is shown all the same. */
async function findApplication(applicationId: string): Promise<TimelineApplication> {
	const { content } = await call("list_applications", {});
	const applications = (content.applications ?? []) as TimelineApplication[];
	return applications.find((item) => item.applicationId === applicationId) ?? { applicationId, liveUnknown: true };
}

interface Answer {
	failed: boolean;
	content: Record<string, unknown>;
}

async function call(tool: string, args: Record<string, unknown>): Promise<Answer> {
	try {
		const { structuredContent, content, isError } = await app.callServerTool({ name: tool, arguments: args });
		const [block] = content;
		const text = block?.type === "text" ? block.text : "{}";
		return { failed: isError === true, content: structuredContent ?? (JSON.parse(text) as Record<string, unknown>) };
	} catch (error) {
		return {
			failed: true,
			content: { error: { message: error instanceof Error ? error.message : "the client did not pass the call on" } },
		};
	}
}

/** Closed at first. Opening it asks for the dry run; nothing is changed before the second question is answered with yes. */
function goingBack(applicationId: string, row: TimelineRow): HTMLElement {
	const inside = make("div", { class: "preview", role: "status" });
	const details = make("details", { class: "back" }, make("summary", {}, "What would going back to this mean?"), inside);
	details.addEventListener("toggle", () => {
		if ((details as HTMLDetailsElement).open) void preview(inside, applicationId, row);
	});
	return details;
}

interface Preview {
	from?: { commit?: { sha: string; message: string } };
	commits: { sha: string; message: string }[];
	migrations: { files: string[] };
	warnings: string[];
	wouldBeRefused?: { code: string; message: string };
	next: { tool: string; args: Record<string, unknown> }[];
}

async function preview(inside: HTMLElement, applicationId: string, { rollbackId }: TimelineRow): Promise<void> {
	inside.replaceChildren("Asking …");
	const { failed, content } = await call("rollback", { applicationId, rollbackId, dryRun: true });
	if (failed) return inside.replaceChildren(sorry(content));
	const seen = content as unknown as Preview;
	const lines = [
		`${seen.commits.length === 0 ? "No commit is known to lie in between." : "The commits in between are listed below."} Env vars, data, schema, mounts and domains stay as they are.`,
		...(seen.migrations.files.length > 0 ? [`Schema migrations in between: ${seen.migrations.files.join(", ")}`] : []),
		...seen.warnings,
		...(seen.wouldBeRefused ? [`It would be refused: ${seen.wouldBeRefused.message}`] : []),
	];
	const commits = seen.commits.map(({ sha, message }) => make("li", {}, make("code", {}, sha.slice(0, 7)), ` ${message}`));
	const [next] = seen.next;
	inside.replaceChildren(
		...lines.map((line) => make("p", {}, line)),
		...(commits.length > 0 ? [make("ul", {}, ...commits)] : []),
		...(next ? [confirmation(inside, applicationId, next.args)] : []),
	);
}

function confirmation(inside: HTMLElement, applicationId: string, args: Record<string, unknown>): HTMLElement {
	const question = make("p", { class: "confirm" });
	const ask = button("Roll back to this", () => {
		question.replaceChildren(
			"This changes production. ",
			button("Yes, roll back now", () => void goBack(inside, applicationId, args)),
			" ",
			button("No", () => question.replaceChildren(ask)),
		);
		question.querySelector("button")?.focus();
	});
	question.append(ask);
	return question;
}

async function goBack(inside: HTMLElement, applicationId: string, args: Record<string, unknown>): Promise<void> {
	inside.replaceChildren("Rolling back …");
	const started = await call("rollback", { ...args, reason: "chosen in the timeline" });
	if (started.content.deploymentId === undefined) return inside.replaceChildren(sorry(started.content));
	let { content } = started;
	while (content.status === "running") {
		const looked = await call("get_deployment", { deploymentId: content.deploymentId, wait: 30 });
		// It goes on whatever becomes of the look; what it came to is not known here then, and is not guessed.
		if (looked.failed && looked.content.deploymentId === undefined) return inside.replaceChildren(sorry(looked.content));
		content = looked.content;
	}
	const list = await call("list_deployments", { applicationId });
	if (list.failed) return inside.replaceChildren(sorry(list.content));
	await show(list.content as unknown as Listed);
	await app.updateModelContext({
		content: [
			{ type: "text", text: `The user rolled ${applicationId} back in the timeline: ${content.deploymentId}, outcome ${content.outcome}.` },
		],
	});
}

function sorry(content: Record<string, unknown>): HTMLElement {
	const { message } = (content.error ?? {}) as { message?: string };
	return make("p", { class: "because" }, message ?? "It could not be asked.");
}

function button(words: string, onClick: () => void): HTMLElement {
	const element = make("button", { type: "button" }, words);
	element.addEventListener("click", onClick);
	return element;
}
