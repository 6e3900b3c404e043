// Stands in for the prober until it is needed: most processes ask no edge, and undici and TLS are a large part of one.
import type { Prober } from "../../engine/ports/prober.ts";
import type { HttpProberOptions } from "./http-prober.ts";

export function proberOnDemand(options: HttpProberOptions): Prober {
	let loading: Promise<Prober> | undefined;
	return {
		async probe(...question) {
			loading ??= import("./http-prober.ts").then(({ HttpProber }) => new HttpProber(options));
			return (await loading).probe(...question);
		},
	};
}
