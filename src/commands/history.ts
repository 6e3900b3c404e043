// Runs `deploymill history`: the timeline of an application at the terminal, or as one page.
import { writeFile } from "node:fs/promises";
import { readSettings } from "../config/settings.ts";
import { DeploymillError } from "../errors.ts";
import { nameRequester } from "../mcp/requester.ts";
import { callTool } from "../mcp/server.ts";
import { WorkLimits } from "../mcp/work-limits.ts";
import { timelinePage } from "../timeline/page.ts";
import { terminalLines } from "../timeline/terminal.ts";
import type { Timeline, TimelineApplication, TimelineRow } from "../timeline/timeline.ts";
import { version } from "../version.ts";
import { wire } from "../wire.ts";
import type { Session } from "./session.ts";

export interface HistoryOptions {
	/** File that the page is written to. */
	html?: string;
	limit: number;
}

const mostInOneAnswer = 100;

/** @throws application_not_found, invalid_input for a file that cannot be written */
export async function history(applicationId: string, { html, limit }: HistoryOptions, session: Session): Promise<void> {
	const timeline = await readTimeline(applicationId, limit, session);
	if (html !== undefined) return writePage(html, timeline);
	const { columns = 120, isTTY } = process.stdout;
	const colour = isTTY === true && !process.env.NO_COLOR;
	for (const line of terminalLines(timeline, { columns: isTTY ? columns : Number.POSITIVE_INFINITY, colour })) console.log(line);
}

/** Through the tools, so that it shows what they show: masked, cleaned, and what dead workers left is settled first. */
async function readTimeline(applicationId: string, limit: number, { redactor }: Session): Promise<Timeline> {
	const { engine, secrets, settings, removeLeftovers, close } = wire(process.env, readSettings(process.env), redactor);
	const context = {
		engine,
		requestedBy: nameRequester({ name: "deploymill", version: "history" }, engine.untrusted),
		signal: new AbortController().signal,
		limits: new WorkLimits(),
		onProgress: () => undefined,
	};
	const ask = async (tool: string, args: object): Promise<Record<string, unknown>> => {
		const options = { engine, redactor, secrets, version, readOnly: settings.readOnly };
		const { structuredContent, content } = await callTool(tool, args, context, options);
		if (structuredContent) return structuredContent;
		const [text] = content;
		const { error } = JSON.parse(text?.type === "text" ? text.text : "{}");
		throw new DeploymillError(error.code, error.message, { hint: error.hint });
	};
	try {
		const deployments: TimelineRow[] = [];
		let cursor: unknown;
		do {
			const page = await ask("list_deployments", {
				applicationId,
				limit: Math.min(mostInOneAnswer, limit - deployments.length),
				...(cursor ? { cursor } : {}),
			});
			deployments.push(...(page.deployments as TimelineRow[]));
			cursor = page.nextCursor;
		} while (cursor !== undefined && deployments.length < limit);
		const { applications } = await ask("list_applications", {});
		const application = (applications as TimelineApplication[]).find((item) => item.applicationId === applicationId) ?? { applicationId };
		return { application, deployments, more: cursor !== undefined, readAt: new Date(engine.clock.now()).toISOString() };
	} finally {
		await removeLeftovers();
		close();
	}
}

async function writePage(file: string, timeline: Timeline): Promise<void> {
	const page = await timelinePage(timeline);
	try {
		await writeFile(file, page);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new DeploymillError("invalid_input", `--html: ${JSON.stringify(file)} cannot be written (${code ?? "unknown reason"}).`, {
			hint: "Name a file in a folder that is there and that you may write to.",
			cause: error,
		});
	}
	console.log(`${file}: ${timeline.deployments.length} deployments of ${timeline.application.applicationId}`);
}
