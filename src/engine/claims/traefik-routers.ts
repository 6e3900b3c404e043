// Reads Traefik's labels: for which hosts a service has routers.
import type { HostClaim } from "./host-claim.ts";
import type { Labels } from "./labels.ts";
import { parseRule } from "./traefik-rule.ts";

const ruleLabel = /^traefik\.(http|tcp)\.routers\.([^.]+)\.rule$/i;
const routerLabel = /^traefik\.(?:http|tcp)\.routers\.([^.]+)\./i;

/**
 * A service that says traefik.enable=false has no routes, whatever else it says. Without that label it depends on Traefik's settings.
 *
 * @param read labels of the service, or of its containers
 */
export function traefikClaims(serviceName: string, read: Labels): HostClaim[] {
	const own = read.filter(([label]) => /^traefik\./i.test(label));
	if (own.length === 0 || own.some(([label, value]) => /^traefik\.enable$/i.test(label) && isFalse(value))) return [];
	const rules = own.filter(([label, value]) => ruleLabel.test(label) && value.trim() !== "");
	return [...rules.map(([label, value]) => ruleClaim(label, value, own)), ...defaultRuleClaims(serviceName, own, rules)];
}

function ruleClaim(label: string, rule: string, own: Labels): HostClaim {
	const outcome = parseRule(rule);
	const prefix = label.toLowerCase().replace(/rule$/, "entrypoints");
	const entrypoints = own.find(([key]) => key.toLowerCase() === prefix)?.[1];
	return {
		label,
		covers(host) {
			if (!outcome) return "unsure";
			const { canMatch, names } = outcome(host);
			if (!canMatch) return "no";
			return names === "no" ? "every" : names;
		},
		...(entrypoints === undefined ? {} : { entrypoints: entrypoints.split(",").map((name) => name.trim()) }),
	};
}

/**
 * A router without a rule, and a service without a router, get Traefik's default rule, which is a setting of Traefik: as
 * delivered the service's name, and commonly that name in some domain. No more can be known of it.
 */
function defaultRuleClaims(serviceName: string, own: Labels, rules: Labels): HostClaim[] {
	const ruled = new Set(rules.map(([label]) => routerOf(label)));
	const unruled = own.find(([label]) => routerLabel.test(label) && /^traefik\.http\./i.test(label) && !ruled.has(routerOf(label)));
	const isBare = !own.some(([label]) => /^traefik\.(?:http|tcp|udp)\.routers\./i.test(label));
	const label = unruled?.[0] ?? (isBare ? own[0]?.[0] : undefined);
	if (label === undefined) return [];
	const name = serviceName
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, "-")
		.replace(/^-|-$/g, "");
	return [{ label, covers: (host) => (host === name || host.startsWith(`${name}.`) ? "unsure" : "no") }];
}

function routerOf(label: string): string | undefined {
	return routerLabel.exec(label)?.[1]?.toLowerCase();
}

/** As Go reads a boolean. */
function isFalse(value: string): boolean {
	return ["0", "f", "false"].includes(value.trim().toLowerCase());
}
