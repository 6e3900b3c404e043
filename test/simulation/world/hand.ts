// Does by hand what operators do with the docker command line, at any moment of a deployment.
import { ServiceChanged } from "../../../src/engine/ports/swarm.ts";
import type { ObservedService, ServiceSpec } from "../../../src/model/service.ts";
import type { Cluster } from "../swarm/cluster.ts";
import { ModelSwarm } from "../swarm/model-swarm.ts";

export class Hand {
	readonly #swarm: ModelSwarm;
	readonly #serviceName: string;

	constructor(cluster: Cluster, serviceName: string) {
		this.#swarm = new ModelSwarm(cluster, { name: "a hand" });
		this.#serviceName = serviceName;
	}

	/** `docker service update --label-add` */
	label(): Promise<void> {
		return this.#edit((spec) => {
			spec.Labels.team = "red";
		});
	}

	/** `docker service scale` */
	scale(replicas: number): Promise<void> {
		return this.#edit((spec) => {
			spec.Mode.Replicated.Replicas = replicas;
		});
	}

	/** `docker service update --image`: labels stay as they are. */
	setImage(reference: string): Promise<void> {
		return this.#edit((spec) => {
			spec.TaskTemplate.ContainerSpec.Image = reference;
		});
	}

	/** `docker service update --env-add` */
	setEnv(name: string, value: string): Promise<void> {
		return this.#edit((spec) => {
			spec.TaskTemplate.ContainerSpec.Env = [...(spec.TaskTemplate.ContainerSpec.Env ?? []), `${name}=${value}`];
		});
	}

	/** `docker service rollback` */
	rollBack(): Promise<void> {
		return this.#change((service) => this.#swarm.rollBack(this.#serviceName, service.version));
	}

	/** `docker service rm` */
	remove(): Promise<void> {
		return this.#change(({ id }) => this.#swarm.removeService(id));
	}

	#edit(change: (spec: ServiceSpec) => void): Promise<void> {
		return this.#change(async ({ version, spec }) => {
			change(spec);
			await this.#swarm.updateService(this.#serviceName, version, spec, undefined);
		});
	}

	/** As the command line: of what is there now, and again where somebody was faster. */
	async #change(make: (service: ObservedService) => Promise<void>): Promise<void> {
		const service = await this.#swarm.inspectService(this.#serviceName);
		if (!service) return;
		try {
			await make(service);
		} catch (error) {
			if (!(error instanceof ServiceChanged)) throw error;
			await this.#change(make);
		}
	}
}
