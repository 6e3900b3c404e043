// Reads the settings of a server: the DEPLOYMILL_* variables of contract section 2, checked all at once when it starts.
import { join } from "node:path";
import type { z } from "zod";
import { DeploymillError } from "../errors.ts";
import { Redactor } from "../redact.ts";
import type { EdgeAddress } from "./edge-address.ts";
import { describeIssues } from "./issue-lines.ts";
import type { RegistryAddress } from "./registry-address.ts";
import { secretNames } from "./secret.ts";
import { settingNames, settingsSchema } from "./settings-schema.ts";
import { absolutePath, defaultDataFolder } from "./user-folders.ts";

type Given = z.output<typeof settingsSchema>;

export type GitProtocol = Given["DEPLOYMILL_GIT_PROTOCOLS"][number];
export type Approval = NonNullable<Given["DEPLOYMILL_APPROVE"]>[number];
export type LogLevel = Given["DEPLOYMILL_LOG_LEVEL"];

/** Deeply frozen and without any secret: safe to log. Passwords and tokens are read when used, see credentials.ts. */
export interface Settings {
	/** Absolute. Database and build logs; made 0700 by whoever first writes there. */
	readonly dataFolder: string;
	/** Absolute. Key that env values are encrypted with. */
	readonly keyFile: string;
	/** Undefined: rollback cannot be enabled. */
	readonly registry: RegistryAddress | undefined;
	/** Attachable overlay network shared with the ingress. */
	readonly network: string;
	readonly endpointMode: Given["DEPLOYMILL_ENDPOINT_MODE"];
	readonly ingress: Ingress;
	readonly edge: {
		readonly scheme: Given["DEPLOYMILL_EDGE_SCHEME"];
		/** What probes connect to in place of what DNS says. */
		readonly address: EdgeAddress | undefined;
	};
	readonly git: {
		readonly protocols: readonly GitProtocol[];
		/** That repositories may be on: `host` or `host:port`. Undefined: any. */
		readonly hosts: readonly string[] | undefined;
		/** `host[:port]` that the token is sent to, and no other. */
		readonly tokenHost: string;
	};
	/** Rollback points kept per application. */
	readonly keepRollbacks: number;
	readonly readOnly: boolean;
	/** What a person must approve. Empty: nothing. */
	readonly approve: readonly Approval[];
	/** Failed deploys of one application in a row within an hour after which a deploy must be forced; 0: any number. */
	readonly maxFailedDeploys: number;
	/** Which events are sent; undefined: none, there is no receiver. Where to is a secret, see notify.ts. */
	readonly notify: Given["DEPLOYMILL_NOTIFY_ON"] | undefined;
	readonly logLevel: LogLevel;
}

export interface Ingress {
	/** Dialect of the labels on services. */
	readonly kind: Given["DEPLOYMILL_INGRESS"];
	readonly traefikEntrypoint: string;
	readonly traefikCertResolver: string;
}

/**
 * Reads the settings from an environment. Spaces around a value are dropped, and an empty value is as good as none.
 * @throws invalid_input naming every setting that is wrong, a line each; no secret is shown
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
	const { data, error } = settingsSchema.safeParse(givenSettings(env));
	if (data) return toSettings(data, env);
	// Somebody may have put a secret into the wrong variable.
	const redactor = new Redactor();
	redactor.add(...secretNames.map((name) => env[name]));
	throw new DeploymillError("invalid_input", redactor.mask(problemsIn(error.issues).join("\n")), {
		hint: `Correct the environment of the deploymill server (the env of its entry in the MCP client) and start it again. Known settings: ${settingNames.join(", ")}.`,
	});
}

/** A misspelt name is given also where its value is empty. */
function givenSettings(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
	const ours = Object.entries(env).filter(([name]) => name.startsWith("DEPLOYMILL_"));
	return Object.fromEntries(ours.map(([name, value]) => [name, value?.trim() || undefined]));
}

/** In the order of the schema, unknown names first. Values of those are never shown: one may be a misspelt secret. */
function problemsIn(issues: readonly z.core.$ZodIssue[]): string[] {
	const place = ({ path: [name] }: z.core.$ZodIssue) => (settingNames as readonly PropertyKey[]).indexOf(name ?? "");
	const sorted = issues.map((issue) => ({ ...issue, path: issue.path.slice(0, 1) })).sort((a, b) => place(a) - place(b));
	return describeIssues(settingsSchema, sorted, "unknown setting");
}

function toSettings(given: Given, env: NodeJS.ProcessEnv): Settings {
	const absolute = (path: string | undefined) => (path === undefined ? undefined : absolutePath(path, env));
	const dataFolder = absolute(given.DEPLOYMILL_DATA_DIR) ?? defaultDataFolder(env);
	return Object.freeze({
		dataFolder,
		keyFile: absolute(given.DEPLOYMILL_KEY_FILE) ?? join(dataFolder, "key"),
		registry: given.DEPLOYMILL_REGISTRY,
		network: given.DEPLOYMILL_NETWORK,
		endpointMode: given.DEPLOYMILL_ENDPOINT_MODE,
		ingress: Object.freeze({
			kind: given.DEPLOYMILL_INGRESS,
			traefikEntrypoint: given.DEPLOYMILL_TRAEFIK_ENTRYPOINT,
			traefikCertResolver: given.DEPLOYMILL_TRAEFIK_CERT_RESOLVER,
		}),
		edge: Object.freeze({ scheme: given.DEPLOYMILL_EDGE_SCHEME, address: given.DEPLOYMILL_EDGE_ADDRESS }),
		git: Object.freeze({
			protocols: Object.freeze(given.DEPLOYMILL_GIT_PROTOCOLS),
			hosts: given.DEPLOYMILL_GIT_HOSTS,
			tokenHost: given.DEPLOYMILL_GIT_TOKEN_HOST,
		}),
		keepRollbacks: given.DEPLOYMILL_KEEP_ROLLBACKS,
		readOnly: given.DEPLOYMILL_READ_ONLY,
		approve: Object.freeze(given.DEPLOYMILL_APPROVE ?? []),
		maxFailedDeploys: given.DEPLOYMILL_MAX_FAILED_DEPLOYS,
		notify: given.DEPLOYMILL_NOTIFY_URL || given.DEPLOYMILL_NOTIFY_URL_FILE ? given.DEPLOYMILL_NOTIFY_ON : undefined,
		logLevel: given.DEPLOYMILL_LOG_LEVEL,
	});
}
