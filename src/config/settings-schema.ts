// States the schema of the settings (contract section 2): every variable there is, what it may be, and its default.
import { z } from "zod";
import { parseEdgeAddress } from "./edge-address.ts";
import { parseGitHosts, parseTokenHost } from "./git-host.ts";
import { parseNotifyUrl } from "./notify-url.ts";
import { parsed } from "./parsed.ts";
import { parseRegistryAddress } from "./registry-address.ts";
import { networkName, oneOf, someOf, traefikName, wholeNumber, yesOrNo } from "./setting-fields.ts";
import { parsePath } from "./user-folders.ts";

const path = parsed(parsePath);
/** Read when it is used, see credentials.ts. */
const secret = z.string();

const variables = z.strictObject({
	DEPLOYMILL_DATA_DIR: path.optional(),
	DEPLOYMILL_REGISTRY: parsed(parseRegistryAddress).optional(),
	DEPLOYMILL_REGISTRY_USERNAME: z.string().optional(),
	DEPLOYMILL_REGISTRY_PASSWORD: secret.optional(),
	DEPLOYMILL_REGISTRY_PASSWORD_FILE: path.optional(),
	DEPLOYMILL_NETWORK: networkName().default("deploymill"),
	DEPLOYMILL_ENDPOINT_MODE: oneOf(["vip", "dnsrr"]).default("vip"),
	DEPLOYMILL_INGRESS: oneOf(["traefik", "caddy", "none"]).default("traefik"),
	DEPLOYMILL_TRAEFIK_ENTRYPOINT: traefikName().default("websecure"),
	DEPLOYMILL_TRAEFIK_CERT_RESOLVER: traefikName().default("letsencrypt"),
	DEPLOYMILL_EDGE_SCHEME: oneOf(["http", "https"]).default("https"),
	DEPLOYMILL_EDGE_ADDRESS: parsed(parseEdgeAddress).optional(),
	DEPLOYMILL_GIT_PROTOCOLS: someOf(["https", "ssh", "file", "http"]).default(["https", "ssh"]),
	DEPLOYMILL_GIT_HOSTS: parsed(parseGitHosts).optional(),
	DEPLOYMILL_GIT_TOKEN: secret.optional(),
	DEPLOYMILL_GIT_TOKEN_FILE: path.optional(),
	DEPLOYMILL_GIT_TOKEN_HOST: parsed(parseTokenHost).default("github.com"),
	DEPLOYMILL_KEY_FILE: path.optional(),
	DEPLOYMILL_KEEP_ROLLBACKS: wholeNumber(1, 1000).default(10),
	DEPLOYMILL_READ_ONLY: yesOrNo().default(false),
	DEPLOYMILL_APPROVE: someOf(["deploy", "rollback", "reconcile", "env", "all"]).optional(),
	DEPLOYMILL_MAX_FAILED_DEPLOYS: wholeNumber(0, 1000).default(5),
	// Looked at, so that a wrong one is told at once, and not kept: it is a secret.
	DEPLOYMILL_NOTIFY_URL: parsed(parseNotifyUrl).optional(),
	DEPLOYMILL_NOTIFY_URL_FILE: path.optional(),
	DEPLOYMILL_NOTIFY_SECRET: secret.optional(),
	DEPLOYMILL_NOTIFY_SECRET_FILE: path.optional(),
	DEPLOYMILL_NOTIFY_ON: oneOf(["problems", "all"]).default("problems"),
	DEPLOYMILL_LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type SettingName = keyof typeof variables.shape;

/** Every variable deploymill knows. A name that is not here is refused. */
export const settingNames = Object.keys(variables.shape) as SettingName[];

type Given = Partial<Record<SettingName, unknown>>;

/** What settings mean for each other: which of the secrets are given fits together. Their values are not looked at. */
const rules: { of: SettingName; holds: (given: Given) => boolean; error: string }[] = [
	oneOfTwo("DEPLOYMILL_REGISTRY_PASSWORD", "DEPLOYMILL_REGISTRY_PASSWORD_FILE"),
	oneOfTwo("DEPLOYMILL_GIT_TOKEN", "DEPLOYMILL_GIT_TOKEN_FILE"),
	oneOfTwo("DEPLOYMILL_NOTIFY_URL", "DEPLOYMILL_NOTIFY_URL_FILE"),
	oneOfTwo("DEPLOYMILL_NOTIFY_SECRET", "DEPLOYMILL_NOTIFY_SECRET_FILE"),
	needs("DEPLOYMILL_NOTIFY_SECRET", ["DEPLOYMILL_NOTIFY_URL", "DEPLOYMILL_NOTIFY_URL_FILE"]),
	needs("DEPLOYMILL_NOTIFY_SECRET_FILE", ["DEPLOYMILL_NOTIFY_URL", "DEPLOYMILL_NOTIFY_URL_FILE"]),
	needs("DEPLOYMILL_REGISTRY_USERNAME", ["DEPLOYMILL_REGISTRY_PASSWORD", "DEPLOYMILL_REGISTRY_PASSWORD_FILE"]),
	needs("DEPLOYMILL_REGISTRY_PASSWORD", ["DEPLOYMILL_REGISTRY_USERNAME"]),
	needs("DEPLOYMILL_REGISTRY_PASSWORD_FILE", ["DEPLOYMILL_REGISTRY_USERNAME"]),
];

/** Takes the DEPLOYMILL_* variables alone; an empty one has to be left out. */
export const settingsSchema = rules.reduce(
	// Asked also where a variable is wrong by itself: all is told at once.
	(schema, { of, holds, error }) => schema.refine(holds, { path: [of], error, when: () => true }),
	variables,
);

function oneOfTwo(of: SettingName, other: SettingName) {
	const holds = (given: Given) => given[of] === undefined || given[other] === undefined;
	return { of, holds, error: `stands beside ${other}: give one of the two` };
}

function needs(of: SettingName, any: SettingName[]) {
	const holds = (given: Given) => given[of] === undefined || any.some((name) => given[name] !== undefined);
	return { of, holds, error: `needs ${any.join(" or ")} beside it` };
}
