import type { Healthcheck, ServiceSpec } from "../../../src/model/service.ts";
import { describeSwarm } from "../../contract/swarm-contract.ts";
import type { AppUnderTest, SwarmUnderTest } from "../../contract/swarm-under-test.ts";
import { describeSwarmUpdates } from "../../contract/swarm-updates-contract.ts";
import { makeImage } from "../../simulation/images/image.ts";
import { RegistryServer } from "../../simulation/images/registry-server.ts";
import type { AppBehaviour } from "../../simulation/swarm/app-behaviour.ts";
import { Cluster } from "../../simulation/swarm/cluster.ts";
import { ModelSwarm } from "../../simulation/swarm/model-swarm.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";

const apps: Record<AppUnderTest, AppBehaviour | undefined> = {
	steady: {},
	crashes: { ends: { afterMs: 300, exitCode: 3 } },
	"crashes late": { ends: { afterMs: 2_000, exitCode: 3 } },
	ends: { ends: { afterMs: 300, exitCode: 0 } },
	sick: { status: 500 },
	slow: { listensAfterMs: 2_000 },
	missing: undefined,
	"one crashes": { listensAfterMs: 4_000, inSlot: { 1: { ends: { afterMs: 0, exitCode: 3 } } } },
};
const check = { Test: ["CMD", "check"], Interval: 3e8, Timeout: 9e9, Retries: 2 };
const patientCheck = { ...check, StartPeriod: 9e9 };
const healthcheck: Partial<Record<AppUnderTest, Healthcheck>> = { sick: check, slow: patientCheck, "one crashes": patientCheck };

async function openSwarm(): Promise<SwarmUnderTest> {
	const clock = new VirtualClock();
	const cluster = new Cluster(clock, new RegistryServer());
	const swarm = new ModelSwarm(cluster);
	for (const [app, behaviour] of Object.entries(apps)) {
		if (behaviour) cluster.localAgent.images.tag(app, makeImage(app, behaviour));
	}
	return {
		swarm,
		prefix: "model",
		spec: (name, app = "steady") => serviceSpec(name, app, healthcheck[app]),
		rollBack: async (serviceName) => swarm.rollBack(serviceName, (await swarm.inspectService(serviceName))?.version ?? 0),
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

function serviceSpec(name: string, image: string, Healthcheck: Healthcheck | undefined): ServiceSpec {
	const policy = { Parallelism: 1, FailureAction: "pause", Monitor: 1e9, MaxFailureRatio: 0, Order: "start-first" } as const;
	return {
		Name: name,
		Labels: { "deploymill.application": name },
		TaskTemplate: {
			ContainerSpec: { Image: image, Labels: {}, Env: [], Mounts: [], StopGracePeriod: 1e8, ...(Healthcheck ? { Healthcheck } : {}) },
			Resources: { Limits: {} },
			RestartPolicy: { Condition: "none", Delay: 0 },
			Placement: { Constraints: [] },
			Networks: [],
			ForceUpdate: 0,
		},
		Mode: { Replicated: { Replicas: 1 } },
		UpdateConfig: policy,
		RollbackConfig: policy,
		EndpointSpec: { Mode: "dnsrr" },
	};
}

describeSwarm("the model", openSwarm);
describeSwarmUpdates("the model", openSwarm);
