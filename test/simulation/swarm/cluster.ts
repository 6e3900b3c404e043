// Builds a Swarm: managers that agree, nodes that run tasks, and the accidents that happen to them.
import { ImageStore } from "../images/image-store.ts";
import type { RegistryServer } from "../images/registry-server.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { NodeAgent } from "./node-agent.ts";
import { Orchestrator } from "./orchestrator.ts";
import { pace } from "./pace.ts";
import { Raft } from "./raft.ts";
import { Scheduler } from "./scheduler.ts";
import { TaskReaper } from "./task-reaper.ts";

export class Cluster {
	readonly clock: VirtualClock;
	readonly raft: Raft;
	readonly agents: NodeAgent[];
	readonly orchestrator: Orchestrator;
	/** What a client of the first node is told: all is well, the managers have no leader, or nothing answers. */
	state: "ready" | "no leader" | "away" = "ready";
	/** Volumes on the first node, with their labels. */
	readonly volumes = new Map<string, Record<string, string>>();
	readonly #scheduler: Scheduler;

	constructor(clock: VirtualClock, registry: RegistryServer, nodeCount = 1) {
		this.clock = clock;
		this.raft = new Raft(clock);
		this.orchestrator = new Orchestrator(this.raft);
		this.#scheduler = new Scheduler(this.raft);
		new TaskReaper(this.raft);
		this.agents = Array.from({ length: nodeCount }, (_, index) => {
			const node = { id: this.raft.newId(), hostname: `node-${index + 1}`, state: "ready" as const };
			this.raft.putNode(node);
			return new NodeAgent(this.raft, node, new ImageStore(registry));
		});
	}

	/** The one that the Docker endpoint is on. */
	get localAgent(): NodeAgent {
		return this.agents[0] as NodeAgent;
	}

	/** For so long there is no leader; the new one begins without the old one's memory. Nodes run on unheard meanwhile. */
	changeLeader(forMs: number): void {
		this.#stopManaging("no leader");
		this.clock.after(forMs, () => this.#manageAgain());
	}

	/** The endpoint's engine ends and comes again, without live restore: its containers end, and no manager is there meanwhile. */
	restartEngine(forMs: number): void {
		this.#stopManaging("away");
		this.localAgent.loseContainers();
		this.clock.after(forMs, () => this.#manageAgain());
	}

	/** Operators keep new tasks away from all nodes, or let them come again. */
	pauseNodes(isPaused: boolean): void {
		for (const agent of this.agents) this.raft.putNode({ ...this.#recordOf(agent), isPaused });
	}

	/** Nothing answers at the endpoint; the Swarm itself goes on. */
	goAway(forMs: number): void {
		this.state = "away";
		this.clock.after(forMs, () => {
			this.state = "ready";
		});
	}

	/** A node is cut off. Its containers run on, and after a while the managers call it down. */
	loseNode(agent: NodeAgent): void {
		agent.isHeard = false;
		this.clock.after(pace.heartbeatMs, () => {
			if (this.#isLost(agent)) this.raft.putNode({ ...this.#recordOf(agent), state: "down" });
		});
		this.#lost.add(agent);
	}

	findNode(agent: NodeAgent): void {
		this.#lost.delete(agent);
		this.raft.putNode({ ...this.#recordOf(agent), state: "ready" });
		agent.isHeard = true;
	}

	readonly #lost = new Set<NodeAgent>();

	#isLost(agent: NodeAgent): boolean {
		return this.#lost.has(agent);
	}

	#recordOf({ node }: NodeAgent) {
		return this.raft.nodes.get(node.id) ?? node;
	}

	#stopManaging(state: Cluster["state"]): void {
		this.state = state;
		this.orchestrator.stop();
		this.#scheduler.isOn = false;
		for (const agent of this.agents) agent.isHeard = false;
	}

	/** The nodes are not known to be well until each has found the new leader. */
	#manageAgain(): void {
		this.state = "ready";
		for (const agent of this.agents) this.raft.putNode({ ...this.#recordOf(agent), state: "unknown" });
		this.orchestrator.start();
		this.#scheduler.isOn = true;
		this.clock.after(pace.registerMs, () => {
			for (const agent of this.agents.filter((item) => !this.#isLost(item))) this.findNode(agent);
		});
	}
}
