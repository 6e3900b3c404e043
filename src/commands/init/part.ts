// Names and labels what init makes, so that it recognises it later.

/** On everything that init makes; its value says which part it is. */
export const partLabel = "deploymill.part";

export const registryName = "deploymill-registry";
export const ingressName = "deploymill-ingress";

/** User that the registry lets in. */
export const registryUsername = "deploymill";

export function partLabels(part: "network" | "registry" | "ingress"): Record<string, string> {
	return { [partLabel]: part };
}
