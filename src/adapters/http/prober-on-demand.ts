// Stands in for the prober until it is needed: most processes ask no edge, and undici and TLS are a large part of one.
import type { Prober } from "../../engine/ports/prober.ts";
import type { HttpProberOptions } from "./http-prober.ts";

export interface ProberOnDemand extends Prober {
	/** Before anybody asks. */
	load(): Promise<unknown>;
}

export function proberOnDemand(options: HttpProberOptions): ProberOnDemand {
	let loading: Promise<Prober> | undefined;
	const load = () => {
		loading ??= import("./http-prober.ts").then(({ HttpProber }) => new HttpProber(options));
		return loading;
	};
	return {
		load,
		async probe(...question) {
			return (await load()).probe(...question);
		},
	};
}
