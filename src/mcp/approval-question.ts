// Puts together what a person is asked before a tool changes something, and the arguments that do exactly that.
import { previewDeploy } from "../engine/calls/preview-deploy.ts";
import { previewRollback } from "../engine/calls/preview-rollback.ts";
import { countCommits } from "../engine/calls/previews.ts";
import { ensureIdle } from "../engine/calls/start.ts";
import type { WouldBeRefused } from "../engine/calls/would-be-refused.ts";
import { reconcile } from "../engine/reconcile/reconcile.ts";
import { nothingLive } from "../engine/service/stale-view.ts";
import { DeploymillError } from "../errors.ts";
import { listed } from "../text/listed.ts";
import type { ToolContext } from "./tool.ts";
import { type EnvChange, ensureEnvChange } from "./tools/set-env-vars.ts";

export interface ApprovalQuestion {
	/** Plain text of several lines. Words of others in it are clean, cut to size and between quotes. */
	text: string;
	/** For a person's own terminal. Holds no value of an env var. */
	command: string;
}

type Args = Record<string, unknown>;
type Asker = (args: Args, context: ToolContext) => Promise<{ text?: string; args: Args }>;

const longestText = 2_000;
const mostNamed = 20;
const mostMigrations = 10;

/** A call, and what a person is asked before it goes on. Where nothing would be changed there is no question. */
export interface Approvable {
	/** That go on. */
	args: Args;
	question?: ApprovalQuestion;
}

/** @throws what the call would be refused by */
export async function questionOf(tool: string, given: Args, context: ToolContext): Promise<Approvable> {
	const ask = askers[tool];
	if (!ask || given.dryRun === true || isKnown(given, context)) return { args: given };
	const { text, args } = await ask(given, context);
	if (text === undefined) return { args };
	const reason = args.reason === undefined ? [] : [`Reason given: ${quoted(args.reason)}`];
	const { untrusted } = context.engine;
	const last = untrusted.clean([...reason, `Asked for by ${context.requestedBy}.`].join("\n"));
	const body = cut(untrusted.clean(text), longestText - last.length - 1);
	return { args, question: { text: `${body}\n${last}`, command: commandOf(tool, args) } };
}

const askers: Record<string, Asker> = { deploy: askDeploy, rollback: askRollback, reconcile_project: askReconcile, set_env_vars: askEnv };

/** The same request again does nothing new. */
function isKnown({ applicationId, requestId }: Args, { engine }: ToolContext): boolean {
	return typeof requestId === "string" && engine.store.findByRequestId(String(applicationId), requestId) !== undefined;
}

async function askDeploy(args: Args, { engine, limits, signal, requestedBy }: ToolContext) {
	const { applicationId, ref, noCache, force, confirmWithin, expectedCurrent } = args as {
		applicationId: string;
		ref?: string;
		noCache: boolean;
		force: boolean;
		confirmWithin?: number;
		expectedCurrent?: string;
	};
	const question = {
		applicationId,
		asker: requestedBy,
		request: { ref, noCache, force, confirmWithin, expectedCurrent } as Parameters<typeof previewDeploy>[1]["request"],
	};
	const { answer, current } = await limits.run("git", signal, (cancel) => previewDeploy(engine, question, cancel));
	const seen = answer as unknown as DeploySeen;
	ensureIdle(engine.store, applicationId);
	refuseIfDue(seen.wouldBeRefused);
	const text = [
		`Deploy ${applicationId}: ${commitWords(seen.to.commit)} of ${quoted(seen.to.ref)}${force ? ", forced" : ""}.`,
		`Live now: ${liveWords(seen.from, current)}.`,
		`New commits: ${seen.commits.length === 0 ? "none known" : countCommits(seen.commits)}.`,
		...(seen.migrations.files.length > 0 ? [`Schema migrations that ship: ${migrationWords(seen.migrations)}`] : []),
		...(confirmWithin === undefined ? [] : [`Taken back again unless it is confirmed within ${confirmWithin} seconds.`]),
		...seen.warnings.map((warning) => `Note: ${warning}`),
	];
	return { text: text.join("\n"), args: { ...args, ref: seen.to.commit.sha, ...pinned(args, current) } };
}

async function askRollback(args: Args, { engine, limits, signal, requestedBy }: ToolContext) {
	const { applicationId, rollbackId, allowMigrations, hold, expectedCurrent } = args as {
		applicationId: string;
		rollbackId?: string;
		allowMigrations: boolean;
		hold: boolean;
		expectedCurrent?: string;
	};
	const question = {
		applicationId,
		rollbackId,
		asker: requestedBy,
		request: { allowMigrations, hold, ...(expectedCurrent ? { expectedCurrent } : {}) },
	};
	const { answer, current } = await limits.run("git", signal, (cancel) => previewRollback(engine, question, cancel));
	const seen = answer as unknown as RollbackSeen;
	refuseIfDue(seen.wouldBeRefused);
	const text = [
		`Roll ${applicationId} back to ${sideWords(seen.to)}${hold ? ", and hold deploys from then on" : ""}.`,
		`Live now: ${liveWords(seen.from, current)}.`,
		`Commits in between: ${seen.commits.length === 0 ? "none known" : countCommits(seen.commits)}.`,
		...(seen.migrations.files.length > 0 ? [`Past schema migrations: ${migrationWords(seen.migrations)}`] : []),
		...seen.warnings.map((warning) => `Note: ${warning}`),
	];
	return { text: text.join("\n"), args: { ...args, rollbackId: seen.to.rollbackId, ...pinned(args, current) } };
}

async function askReconcile(args: Args, { engine, limits, signal, requestedBy }: ToolContext) {
	const order = args as { applicationId?: string; repoUrl?: string; ref?: string; prune: boolean };
	const { plan, commit, applicationId } = await limits.run("git", signal, (cancel) =>
		reconcile(engine, { ...order, dryRun: true, requestedBy, signal: cancel }),
	);
	const ofCommit = { ...args, ref: commit.sha };
	// Nothing is asked about what changes nothing; what may be pushed meanwhile would.
	if (plan.steps.length === 0) return { args: ofCommit };
	const steps = plan.steps.slice(0, 20).map(({ action, target, from, to }) => {
		const change = [from === undefined ? "" : ` from ${quoted(from)}`, to === undefined ? "" : ` to ${quoted(to)}`].join("");
		return `- ${action} ${target}${change}`;
	});
	const more = plan.steps.length - steps.length;
	const text = [
		`Apply the project file of ${commitWords(commit)} to ${applicationId ?? `a new application for ${quoted(order.repoUrl)}`}:`,
		...steps,
		...(more > 0 ? [`- and ${more} more`] : []),
		...plan.warnings.map((warning) => `Note: ${warning}`),
	];
	return { text: text.join("\n"), args: ofCommit };
}

/** Names alone: a value is shown to nobody. */
async function askEnv(args: Args, { engine }: ToolContext) {
	const change = args as unknown as EnvChange & { replace: boolean };
	const { applicationId, set, unset, replace } = change;
	// What is no name does not come before a person's eyes, or on their terminal.
	ensureEnvChange(engine, change);
	const names = Object.keys(set);
	const text = [
		`Change env vars of ${applicationId}, from the next deploy or rollback on.`,
		...(names.length > 0 ? [`Set: ${listed(names, mostNamed)}`] : []),
		...(unset.length > 0 ? [`Unset: ${listed(unset, mostNamed)}`] : []),
		...(replace ? ["All others are dropped."] : []),
	];
	return { text: text.join("\n"), args };
}

interface Side {
	deploymentId: string;
	commit?: { sha: string; message: string };
	verdict: string | null;
}

interface Seen {
	from?: Side;
	commits: unknown[];
	migrations: { files: string[]; total?: number };
	warnings: string[];
	wouldBeRefused?: WouldBeRefused;
}

interface DeploySeen extends Seen {
	to: { ref: string; commit: { sha: string; message: string } };
}

interface RollbackSeen extends Seen {
	to: Side & { rollbackId: string };
}

/** A person is not asked for what would be refused all the same. */
function refuseIfDue(refused: WouldBeRefused | undefined): void {
	if (refused) throw new DeploymillError(refused.code, refused.message, { hint: refused.hint });
}

/** Also of an image that somebody else put there, and where nothing is live yet. */
function pinned({ expectedCurrent }: Args, current: string | undefined): Args {
	return expectedCurrent === undefined ? { expectedCurrent: current ?? nothingLive } : {};
}

function liveWords(from: Side | undefined, current: string | undefined): string {
	if (from) return sideWords(from);
	return current === undefined ? nothingLive : "nothing that this server put there";
}

function sideWords({ deploymentId, commit, verdict }: Side): string {
	return `${deploymentId}${commit ? `, ${commitWords(commit)}` : ""}, ${verdict ?? "never judged"}`;
}

/** A dry run lists no more than the beginning of them either. */
function migrationWords({ files, total }: Seen["migrations"]): string {
	return listed(files.map(quoted), mostMigrations, total);
}

function commitWords({ sha, message }: { sha: string; message: string }): string {
	return `commit ${sha.slice(0, 7)} ${quoted(message.split("\n", 1)[0])}`;
}

function quoted(value: unknown): string {
	const text = JSON.stringify(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
	return text.length <= 120 ? text : `${text.slice(0, 118).toWellFormed()}…"`;
}

const thereIsMore = "… There is more: a dry run of the call shows all of it.";

/** A person is told that they do not see everything. */
function cut(text: string, longest: number): string {
	return text.length <= longest ? text : `${text.slice(0, longest - thereIsMore.length - 1).toWellFormed()}\n${thereIsMore}`;
}

/** `set_env_vars` takes its arguments from stdin: values do not belong into a shell's history. */
function commandOf(tool: string, args: Args): string {
	if (tool === "set_env_vars") return "deploymill call set_env_vars -";
	const kept = Object.fromEntries(Object.entries(args).filter(([key, value]) => key !== "wait" && value !== undefined && value !== false));
	return `deploymill call ${tool} '${JSON.stringify(kept).replaceAll("'", "'\\''")}'`;
}
