// Sends requests for a host to the tasks of the service that claims it, as an ingress does that hears of services with a delay.
import { labels } from "../../../src/model/service.ts";
import type { AppAnswer } from "../swarm/app-behaviour.ts";
import type { Cluster } from "../swarm/cluster.ts";

/** `ingress`: it knows no route for the host, or nothing behind it, and answers for itself. */
export type ModelAnswer =
	| { from: "app"; answer: Exclude<AppAnswer, "refused">; headers: Record<string, string> }
	| { from: "ingress"; status: 404 | 502 };

export class Ingress {
	/** From a change of a service's labels until they count. */
	noticesAfterMs = 300;
	/** It goes on asking tasks that were told to stop, until they have: one that polls, and balances over task addresses. */
	drains = false;
	/** It looks the names of services up at the engine's own DNS, which is not there while the engine is not. */
	asksEngine = false;
	readonly #cluster: Cluster;
	/** Services by the hosts that they claim. */
	#routes = new Map<string, string>();
	#turn = 0;

	constructor(cluster: Cluster) {
		this.#cluster = cluster;
		cluster.raft.hear(({ kind }) => {
			if (kind === "service" || kind === "service removed") cluster.clock.after(this.noticesAfterMs, () => this.#notice());
		});
	}

	/** Of several tasks each is asked in turn. */
	ask(host: string, path: string): ModelAnswer {
		const serviceId = this.#routes.get(host);
		if (serviceId === undefined) return { from: "ingress", status: 404 };
		if (this.asksEngine && this.#cluster.state === "away") return { from: "ingress", status: 502 };
		const containers = this.#cluster.agents.flatMap((agent) => agent.boundContainers(serviceId, this.drains));
		const container = containers[this.#turn++ % containers.length];
		const answer = container?.answer(path) ?? "refused";
		return !container || answer === "refused" ? { from: "ingress", status: 502 } : { from: "app", answer, headers: container.headers };
	}

	#notice(): void {
		const claims = [...this.#cluster.raft.services.values()].flatMap(({ id, spec }) =>
			(spec.Labels?.[labels.hosts] ?? "").split(" ").map((host) => [host, id] as const),
		);
		this.#routes = new Map(claims);
	}
}
