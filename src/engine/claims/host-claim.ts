// Describes what one label of a service says about a host name.
import type { Coverage } from "./host-pattern.ts";

export interface HostClaim {
	/** Key of the label. Untrusted. */
	label: string;
	/** `every`: it answers for all hosts there are, and is not about this one. */
	covers(host: string): Coverage | "every";
	/** Entry points of Traefik that it is for; undefined for all. */
	entrypoints?: string[];
}
