// Stands in for the prober until the first probe: most processes ask no edge, and undici and TLS are a large part of one.
import type { Prober } from "../../engine/ports/prober.ts";
import type { HttpProberOptions } from "./http-prober.ts";

export function proberOnDemand(options: HttpProberOptions): Prober {
	let loading: Promise<Prober> | undefined;
	const load = async () => new (await import("./http-prober.ts")).HttpProber(options);
	return {
		async probe(...question) {
			loading ??= load();
			return (await loading).probe(...question);
		},
	};
}
