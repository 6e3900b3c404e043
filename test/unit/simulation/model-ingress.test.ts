import { labels, type ServiceSpec } from "../../../src/model/service.ts";
import { describeIngress } from "../../contract/ingress-contract.ts";
import type { IngressUnderTest } from "../../contract/ingress-under-test.ts";
import { makeImage } from "../../simulation/images/image.ts";
import { RegistryServer } from "../../simulation/images/registry-server.ts";
import { Ingress } from "../../simulation/network/ingress.ts";
import { ModelProber } from "../../simulation/network/model-prober.ts";
import { Cluster } from "../../simulation/swarm/cluster.ts";
import { ModelSwarm } from "../../simulation/swarm/model-swarm.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";

async function openIngress(): Promise<IngressUnderTest> {
	const clock = new VirtualClock();
	const cluster = new Cluster(clock, new RegistryServer());
	const inSlot = Object.fromEntries([1, 2, 3].map((slot) => [slot, { status: 200 + slot }]));
	cluster.localAgent.images.tag("slots", makeImage("slots", { inSlot }));
	return {
		swarm: new ModelSwarm(cluster),
		prober: new ModelProber(clock, new Ingress(cluster)),
		prefix: "model",
		spec: serviceSpec,
		withoutClaim: (spec) => ({ ...spec, Labels: { ...spec.Labels, [labels.hosts]: "" } }),
		during: (body) => clock.run(body()),
		async until(look, isSo) {
			for (const endMs = clock.monotonic() + 30_000; ; await clock.sleep(50)) {
				const seen = await look();
				if (isSo(seen)) return seen;
				if (clock.monotonic() > endMs) throw new Error(`not so; last seen: ${JSON.stringify(seen, null, 1)}`);
			}
		},
		close: async () => {},
	};
}

function serviceSpec(name: string, host: string, replicas: number): ServiceSpec {
	const policy = { Parallelism: 1, FailureAction: "pause", Monitor: 1e9, MaxFailureRatio: 0, Order: "start-first" } as const;
	return {
		Name: name,
		Labels: { [labels.application]: name, [labels.hosts]: host },
		TaskTemplate: {
			ContainerSpec: { Image: "slots", Labels: {}, Env: [], Mounts: [] },
			Resources: { Limits: {} },
			RestartPolicy: { Condition: "none", Delay: 0 },
			Placement: { Constraints: [] },
			Networks: [],
			ForceUpdate: 0,
		},
		Mode: { Replicated: { Replicas: replicas } },
		UpdateConfig: policy,
		RollbackConfig: policy,
		EndpointSpec: { Mode: "dnsrr" },
	};
}

describeIngress("the model", openIngress);
