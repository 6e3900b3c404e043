// Names what the contract of the Swarm port is given: an implementation, apps to run on it, and a way to wait on its clock.
import type { Swarm } from "../../src/engine/ports/swarm.ts";
import type { ServiceSpec } from "../../src/model/service.ts";

/**
 * `steady` runs on. `crashes` ends with exit code 3, and `ends` with 0, a moment after it began. `sick` has a health check that
 * never passes, `slow` one that passes after two seconds. `missing` has an image that is nowhere. `crashes late` is up for two seconds.
 * `one crashes` crashes in slot 1, and in others takes four seconds until its health check passes.
 */
export type AppUnderTest = "steady" | "crashes" | "crashes late" | "ends" | "sick" | "slow" | "missing" | "one crashes";

export interface SwarmUnderTest {
	swarm: Swarm;
	/** Every name that the suite makes begins with it. */
	prefix: string;
	/** A service of one task: not started again when it ends, updates watched for a second, a failed one paused. */
	spec(name: string, app?: AppUnderTest): ServiceSpec;
	/** As `docker service rollback` does. */
	rollBack(serviceName: string): Promise<void>;
	/** Runs the body of a test, on whatever clock it is. */
	during(body: () => Promise<void>): Promise<void>;
	/** Looks again and again until it is so. */
	until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T>;
	close(): Promise<void>;
}
