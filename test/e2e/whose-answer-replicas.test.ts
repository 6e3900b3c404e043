import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory } from "../support/app-story.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

/** Of four replicas 32 answers are asked for: that a balancing by chance keeps one of them from all, happens once in ten thousand times. */
const replicas = 4;
const health = { path: "/healthz", retries: 4, intervalMs: 200, timeoutMs: 5000 };

describe.concurrent("Replicas of which some are ill", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it.for([1, 2, 4])("%i of four: the app is unhealthy, and asked again it is too", async (illReplicas, { expect }) => {
		const app = await AppStory.begin(bed, server, `ill${illReplicas}`, { project: { health, replicas, ...volume(`ill${illReplicas}`) } });
		const ill = await app.release({ version: "one", illReplicas });
		expect(ill).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy", edges: [{ verdict: "unhealthy" }] } });
		expect(ill.health?.edges[0]?.error).toMatch(illReplicas === replicas ? /answered 500/ : /\d+ of \d+ answers failed/);
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "unhealthy" });
	});

	it("none of four: healthy, and asked again it is too", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "well", { project: { health, replicas, ...volume("well") } });
		expect(await app.release({ version: "one", illReplicas: 0 })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "healthy" });
	});

	/** In which they draw who is ill. */
	function volume(label: string) {
		return { mounts: [{ volumeName: bed.named(label), mountPath: "/data" }] };
	}
});
