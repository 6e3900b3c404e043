// Reads the settings of a server: the DEPLOYMILL_* variables of contract section 2, checked all at once when it starts.
import { join } from "node:path";
import { DeploymillError } from "../errors.ts";
import { Redactor } from "../redact.ts";
import { type EdgeAddress, parseEdgeAddress } from "./edge-address.ts";
import { parseGitHosts } from "./git-host.ts";
import { parseRegistryAddress, type RegistryAddress } from "./registry-address.ts";
import { secretNames } from "./secret.ts";
import { SettingReader } from "./setting-reader.ts";
import { oneOf, parseBoolean, parseNetworkName, parseTokenHost, parseTraefikName, someOf, wholeNumber } from "./setting-values.ts";
import { absolutePath, defaultDataFolder } from "./user-folders.ts";

export type GitProtocol = "https" | "ssh" | "file" | "http";
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

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
	readonly endpointMode: "vip" | "dnsrr";
	readonly ingress: Ingress;
	readonly edge: {
		readonly scheme: "https" | "http";
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
	/** Failed deploys of one application in a row within an hour after which a deploy must be forced; 0: any number. */
	readonly maxFailedDeploys: number;
	readonly logLevel: LogLevel;
}

export interface Ingress {
	/** Dialect of the labels on services. */
	readonly kind: "traefik" | "caddy" | "none";
	readonly traefikEntrypoint: string;
	readonly traefikCertResolver: string;
}

/** Every variable deploymill knows. A name that is not here is refused. */
export const settingNames = [
	"DEPLOYMILL_DATA_DIR",
	"DEPLOYMILL_REGISTRY",
	"DEPLOYMILL_REGISTRY_USERNAME",
	"DEPLOYMILL_REGISTRY_PASSWORD",
	"DEPLOYMILL_REGISTRY_PASSWORD_FILE",
	"DEPLOYMILL_NETWORK",
	"DEPLOYMILL_ENDPOINT_MODE",
	"DEPLOYMILL_INGRESS",
	"DEPLOYMILL_TRAEFIK_ENTRYPOINT",
	"DEPLOYMILL_TRAEFIK_CERT_RESOLVER",
	"DEPLOYMILL_EDGE_SCHEME",
	"DEPLOYMILL_EDGE_ADDRESS",
	"DEPLOYMILL_GIT_PROTOCOLS",
	"DEPLOYMILL_GIT_HOSTS",
	"DEPLOYMILL_GIT_TOKEN",
	"DEPLOYMILL_GIT_TOKEN_FILE",
	"DEPLOYMILL_GIT_TOKEN_HOST",
	"DEPLOYMILL_KEY_FILE",
	"DEPLOYMILL_KEEP_ROLLBACKS",
	"DEPLOYMILL_READ_ONLY",
	"DEPLOYMILL_MAX_FAILED_DEPLOYS",
	"DEPLOYMILL_LOG_LEVEL",
] as const;

/**
 * Reads the settings from an environment. Spaces around a value are dropped, and an empty value is as good as none.
 * @throws invalid_input naming every setting that is wrong, a line each; no secret is shown
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
	const reader = new SettingReader(env, settingNames);
	reader.refuseUnknown();
	checkSecrets(reader);
	const settings = parseSettings(reader, env);
	if (reader.problems.length === 0) return settings;
	// Somebody may have put a secret into the wrong variable.
	const redactor = new Redactor();
	redactor.add(...secretNames.map((name) => env[name]));
	throw new DeploymillError("invalid_input", redactor.mask(reader.problems.join("\n")), {
		hint: `Correct the environment of the deploymill server (the env of its entry in the MCP client) and start it again. Known settings: ${settingNames.join(", ")}.`,
	});
}

function parseSettings(reader: SettingReader, env: NodeJS.ProcessEnv): Settings {
	const path = (text: string) => absolutePath(text, env);
	const dataFolder = reader.read("DEPLOYMILL_DATA_DIR", path, defaultDataFolder(env));
	return Object.freeze({
		dataFolder,
		keyFile: reader.read("DEPLOYMILL_KEY_FILE", path, join(dataFolder, "key")),
		registry: reader.read("DEPLOYMILL_REGISTRY", parseRegistryAddress, undefined),
		network: reader.read("DEPLOYMILL_NETWORK", parseNetworkName, "deploymill"),
		endpointMode: reader.read("DEPLOYMILL_ENDPOINT_MODE", oneOf("vip", "dnsrr"), "vip"),
		ingress: Object.freeze({
			kind: reader.read("DEPLOYMILL_INGRESS", oneOf("traefik", "caddy", "none"), "traefik"),
			traefikEntrypoint: reader.read("DEPLOYMILL_TRAEFIK_ENTRYPOINT", parseTraefikName, "websecure"),
			traefikCertResolver: reader.read("DEPLOYMILL_TRAEFIK_CERT_RESOLVER", parseTraefikName, "letsencrypt"),
		}),
		edge: Object.freeze({
			scheme: reader.read("DEPLOYMILL_EDGE_SCHEME", oneOf("http", "https"), "https"),
			address: reader.read("DEPLOYMILL_EDGE_ADDRESS", parseEdgeAddress, undefined),
		}),
		git: Object.freeze({
			protocols: reader.read("DEPLOYMILL_GIT_PROTOCOLS", someOf("https", "ssh", "file", "http"), Object.freeze(["https", "ssh"] as const)),
			hosts: reader.read("DEPLOYMILL_GIT_HOSTS", parseGitHosts, undefined),
			tokenHost: reader.read("DEPLOYMILL_GIT_TOKEN_HOST", parseTokenHost, "github.com"),
		}),
		keepRollbacks: reader.read("DEPLOYMILL_KEEP_ROLLBACKS", wholeNumber(1, 1000), 10),
		readOnly: reader.read("DEPLOYMILL_READ_ONLY", parseBoolean, false),
		maxFailedDeploys: reader.read("DEPLOYMILL_MAX_FAILED_DEPLOYS", wholeNumber(0, 1000), 5),
		logLevel: reader.read("DEPLOYMILL_LOG_LEVEL", oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"), "info"),
	});
}

/** Which of the secrets are given fits together. Their values are not looked at. */
function checkSecrets(reader: SettingReader): void {
	reader.refuseBoth("DEPLOYMILL_REGISTRY_PASSWORD", "DEPLOYMILL_REGISTRY_PASSWORD_FILE");
	reader.refuseBoth("DEPLOYMILL_GIT_TOKEN", "DEPLOYMILL_GIT_TOKEN_FILE");
	const password = reader.has("DEPLOYMILL_REGISTRY_PASSWORD") || reader.has("DEPLOYMILL_REGISTRY_PASSWORD_FILE");
	const username = reader.has("DEPLOYMILL_REGISTRY_USERNAME");
	if (username && !password) {
		reader.problem("DEPLOYMILL_REGISTRY_USERNAME", "needs DEPLOYMILL_REGISTRY_PASSWORD or DEPLOYMILL_REGISTRY_PASSWORD_FILE beside it");
	}
	if (password && !username) {
		const given = reader.has("DEPLOYMILL_REGISTRY_PASSWORD") ? "DEPLOYMILL_REGISTRY_PASSWORD" : "DEPLOYMILL_REGISTRY_PASSWORD_FILE";
		reader.problem(given, "needs DEPLOYMILL_REGISTRY_USERNAME beside it");
	}
}
