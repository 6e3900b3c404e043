// Refuses what would record rollback points where there is no registry to keep their images in.
import { DeploymillError } from "../../errors.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { Registry } from "../ports/images.ts";

/** @throws registry_not_configured */
export function requireRegistry({ address }: Registry, { rollback }: Pick<ApplicationConfig, "rollback">): void {
	if (!rollback.enabled || address) return;
	throw new DeploymillError(
		"registry_not_configured",
		"Rollback is on for this project, but the server has no container registry configured (DEPLOYMILL_REGISTRY). Nothing was changed.",
	);
}
