// Checks the settings.
import { readSettings, type Settings } from "../../config/settings.ts";
import type { Finding } from "./check.ts";

export function lookAtSettings(env: NodeJS.ProcessEnv): Finding<Settings> {
	const value = readSettings(env);
	const { network, endpointMode, ingress, edge, readOnly } = value;
	const rights = readOnly ? ", read-only" : "";
	return { detail: `network ${network} (${endpointMode}), ingress ${ingress.kind}, edges by ${edge.scheme}${rights}`, value };
}
