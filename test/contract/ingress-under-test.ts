// Names what the contract of ingresses is given: a Swarm whose services it reads, a prober that asks it, and a clock to wait on.
import type { Prober } from "../../src/engine/ports/prober.ts";
import type { Swarm } from "../../src/engine/ports/swarm.ts";
import type { ServiceSpec } from "../../src/model/service.ts";

export interface IngressUnderTest {
	swarm: Swarm;
	prober: Prober;
	/** Every name that the suite makes begins with it. */
	prefix: string;
	/** A service that claims `host`. The task of slot N answers every path with the status 200 + N, and that in words to a GET. */
	spec(name: string, host: string, replicas: number): ServiceSpec;
	/** Takes the claim to a host off a spec. */
	withoutClaim(spec: ServiceSpec): ServiceSpec;
	/** Runs the body of a test, on whatever clock it is. */
	during(body: () => Promise<void>): Promise<void>;
	/** Looks again and again until it is so. */
	until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T>;
	close(): Promise<void>;
}
