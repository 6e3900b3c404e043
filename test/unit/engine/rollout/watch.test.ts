import { expect, test } from "vitest";
import { type RolloutEnd, RolloutWatch } from "../../../../src/engine/rollout/watch.ts";
import { revisionOf } from "../../../../src/engine/service/revision.ts";
import { wantedSpec } from "../../../../src/engine/service/spec.ts";
import type { ServiceSpec } from "../../../../src/model/service.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";
import { makeImage } from "../../../simulation/images/image.ts";
import { RegistryServer } from "../../../simulation/images/registry-server.ts";
import type { AppBehaviour } from "../../../simulation/swarm/app-behaviour.ts";
import { Cluster } from "../../../simulation/swarm/cluster.ts";
import { ModelSwarm } from "../../../simulation/swarm/model-swarm.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { ingress } from "../../../support/reconcile-bench.ts";
import { application } from "../records.ts";

function specWith(monitorMs: number | undefined): ServiceSpec {
	const image = { reference: "app", digest: "sha256:0" };
	const wanted = { application: application(), env: {}, image, deploymentId: "dep-1", gate: { on: false } };
	const spec = wantedSpec(wanted, { ingress, networkId: "modelnetwork", apiVersion: "1.51" });
	const { Monitor: _ours, ...policy } = spec.UpdateConfig;
	const UpdateConfig = monitorMs === undefined ? policy : { ...policy, Monitor: monitorMs * 1e6 };
	return { ...spec, UpdateConfig } as ServiceSpec;
}

/** A first release: Swarm watches over none, so deploymill does. */
async function watchFirst(monitorMs: number | undefined, app: AppBehaviour = {}): Promise<{ end: RolloutEnd; aloneMs: number }> {
	const clock = new VirtualClock();
	const cluster = new Cluster(clock, new RegistryServer());
	cluster.localAgent.images.tag("app", makeImage("app", app));
	const swarm = new ModelSwarm(cluster);
	const spec = specWith(monitorMs);
	const policy = { path: "/healthz", retries: 3, intervalMs: 200, timeoutMs: 1000 };
	const rollout = { serviceName: spec.Name, ours: revisionOf({ spec }), unwatched: true, policy };
	const ports = { swarm, clock, untrusted: new Untrusted(new Redactor()) };
	const watch = new RolloutWatch(ports, rollout, () => {}, new AbortController().signal);
	return clock.run(
		(async () => {
			await swarm.createService(spec, undefined);
			await watch.untilRunning();
			const upAt = clock.monotonic();
			return { end: await watch.untilSettled(), aloneMs: clock.monotonic() - upAt };
		})(),
	);
}

test.each([
	["as long as Swarm would watch an update of it", 1000, 1000],
	["as long, where that is longer than by default", 12_000, 12_000],
	["as long as Swarm does by default, where nothing says otherwise", undefined, 5000],
	["a minute at the most, whatever a hand put there", 3_600_000, 60_000],
])("a first release is settled when its tasks have run alone for %s", async (_name, monitorMs, expectedMs) => {
	const { end, aloneMs } = await watchFirst(monitorMs);
	expect(end).toEqual({ state: "running", update: "none" });
	expect(aloneMs).toBeGreaterThanOrEqual(expectedMs);
	expect(aloneMs).toBeLessThan(expectedMs + 1000);
});

test("one that ends within that time is not", async () => {
	const late = { ends: { afterMs: 4000, exitCode: 3 } };
	expect((await watchFirst(6000, late)).end).toMatchObject({ state: "stuck" });
});
