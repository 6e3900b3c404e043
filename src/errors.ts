// Lists the error codes, and defines the one error class that carries them to a tool's answer or the command line.

/** What every code means to an agent: whether the same call may work later, what to do, and where to read on. */
interface ErrorDefaults {
	retryable: boolean;
	hint: string;
	guide: Guide;
}

export type Guide = "rollback" | "health" | "project-config" | "troubleshooting" | "security";

/** The codes of contract section 9, and `busy`, with the hint given when the place that throws has nothing better to say. */
const catalogue = {
	invalid_input: entry(false, "Correct the named field and call again."),
	application_not_found: entry(false, "Call list_applications for the ids this server knows."),
	deployment_not_found: entry(false, "Call list_deployments for the ids of this application."),
	rollback_not_found: entry(false, "Call list_deployments and copy a rollbackId from a deployment that is rollbackable.", "rollback"),
	rollback_not_usable: entry(false, "Call list_deployments and choose a deployment that is rollbackable.", "rollback"),
	deploy_in_progress: entry(true, "Wait for the running deployment with get_deployment, then look at what is live before deploying again."),
	stale_view: entry(false, "Call list_deployments to see what is live now, and decide again."),
	registry_not_configured: entry(
		false,
		"Set DEPLOYMILL_REGISTRY in the environment of the deploymill server, or set rollback to false in .deploymill/project.json.",
		"rollback",
	),
	registry_auth_failed: entry(
		false,
		"The registry refused the server's credentials: the operator must refresh DEPLOYMILL_REGISTRY_USERNAME and its password, or log in again.",
		"rollback",
	),
	registry_unreachable: entry(true, "Check that the registry runs and that the Docker nodes reach it, then try again."),
	image_missing: entry(false, "The image is gone from the registry. Choose another rollbackId, or deploy the commit again.", "rollback"),
	docker_unreachable: entry(
		true,
		"Check that Docker runs at the named endpoint. An MCP client passes only a few variables on: DOCKER_HOST must stand in the env of its deploymill entry.",
	),
	swarm_not_ready: entry(false, "Run `deploymill init` on a Swarm manager, or create what is missing."),
	service_not_ours: entry(
		false,
		"A service of this name exists that this application did not make. It was left alone: rename the project, or remove that service yourself.",
	),
	repo_not_allowed: entry(false, "Use an https or ssh address, or allow its protocol with DEPLOYMILL_GIT_PROTOCOLS.", "security"),
	repo_unreachable: entry(true, "Check the repository's address and the network of the machine deploymill runs on."),
	repo_auth_failed: entry(
		false,
		"Set DEPLOYMILL_GIT_TOKEN (and DEPLOYMILL_GIT_TOKEN_HOST) for https, or give the server's user an ssh key that may read the repository.",
	),
	ref_not_found: entry(false, "Push the branch, tag or commit first, or name one that exists."),
	project_file_missing: entry(false, "Add .deploymill/project.json to the repository, commit and push it.", "project-config"),
	project_file_invalid: entry(false, "Correct .deploymill/project.json as the message says, commit and push it.", "project-config"),
	dockerfile_missing: entry(false, "Add the Dockerfile, or name it in build.dockerfile of .deploymill/project.json.", "project-config"),
	build_failed: entry(false, "Read the build log with get_logs, fix the cause, push and deploy again."),
	push_failed: entry(true, "The old version still serves. Check the registry's disk and logs, then deploy again."),
	rollout_failed: entry(false, "Read the last words of the new tasks in orchestrator and get_logs; fix the cause and deploy again."),
	rollout_timeout: entry(true, "The new tasks did not come to run in time. Look at get_app_health for what holds them."),
	migrations_in_gap: entry(
		false,
		"A rollback takes no migration back, and older code may not know the newer schema. Prefer a forward fix; if you are sure, pass allowMigrations: true.",
		"rollback",
	),
	known_bad_release: entry(
		false,
		"This exact release was already judged unhealthy here. Fix it, or pass force: true to deploy it all the same.",
		"rollback",
	),
	not_cancellable: entry(
		false,
		"Past the swap a deployment is judged to its end. Wait for it, then use rollback if you want the old version.",
	),
	name_taken: entry(false, "Choose another name in .deploymill/project.json.", "project-config"),
	host_taken: entry(false, "Choose another domain, or remove it from the application that holds it.", "project-config"),
	read_only: entry(false, "This server was started with DEPLOYMILL_READ_ONLY; a server without it can make changes.", "security"),
	deployments_held: entry(
		false,
		"Somebody decided that nothing is deployed for now: ask them or your user. `force` does not override it; set_hold with hold: false lifts it. A rollback works.",
		"rollback",
	),
	awaiting_confirmation: entry(
		false,
		"What is live waits to be confirmed. Check it, then call confirm_deployment if it is good, or rollback if it is not; `force` does not override it.",
		"rollback",
	),
	not_confirmable: entry(false, "Call list_deployments to see what is live, and decide again.", "rollback"),
	nothing_to_return_to: entry(
		false,
		"Deploy without confirmWithin: there is nothing yet that could be put back. After this deploy there will be.",
		"rollback",
	),
	too_many_failures: entry(
		false,
		"Do not retry it unchanged: tell your user what failed, and ask. Once they agree, `force: true` deploys all the same.",
		"rollback",
	),
	approval_needed: entry(
		false,
		"A person has to agree to this first. Show your user what it would change, and the command in details, which they can run themselves.",
		"security",
	),
	busy: entry(true, "Wait for the answers of earlier calls, then call again."),
	internal: entry(false, "This is a fault of deploymill. Its log holds the details under the id in the message."),
} satisfies Record<string, ErrorDefaults>;

export type ErrorCode = keyof typeof catalogue;

export const errorCodes = Object.keys(catalogue) as ErrorCode[];

/** The JSON shape of an error in every answer (contract section 9). */
export interface ErrorBody {
	code: ErrorCode;
	message: string;
	hint: string;
	retryable: boolean;
	guide?: string;
	details?: Record<string, unknown>;
}

interface ErrorOptions {
	/** What to do next, when the place that throws knows better than the catalogue. */
	hint?: string;
	retryable?: boolean;
	/** Facts an agent may act on. Text from outside belongs here fenced, never in the message. */
	details?: Record<string, unknown>;
	cause?: unknown;
}

/** A fault with a stable code. `message` and `hint` are our own words: safe to show to a model. */
export class DeploymillError extends Error {
	readonly code: ErrorCode;
	readonly hint: string;
	readonly retryable: boolean;
	readonly details?: Record<string, unknown>;

	constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = "DeploymillError";
		this.code = code;
		this.hint = options.hint ?? catalogue[code].hint;
		this.retryable = options.retryable ?? catalogue[code].retryable;
		if (options.details) this.details = options.details;
	}

	toBody(): ErrorBody {
		return {
			code: this.code,
			message: cut(this.message),
			hint: this.hint,
			retryable: this.retryable,
			guide: `deploymill://guides/${catalogue[this.code].guide}`,
			...(this.details ? { details: this.details } : {}),
		};
	}
}

/** However much is wrong, an answer has room for so much. */
const longestMessage = 4000;

function cut(message: string): string {
	return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1).toWellFormed()}…`;
}

function entry(retryable: boolean, hint: string, guide: Guide = "troubleshooting"): ErrorDefaults {
	return { retryable, hint, guide };
}

/** The message of whatever was thrown: for logs, never for a model. Things can be thrown that cannot even be turned into text. */
export function errorMessage(error: unknown): string {
	try {
		return error instanceof Error ? String(error.message) : String(error);
	} catch {
		return "(an error that cannot be turned into text)";
	}
}
