// Sets how long a Swarm's own steps take, as measured on a machine with one node (test/contract runs on both).

export const pace = {
	/** From a change of a service to what its orchestrator makes of it. */
	orchestrateMs: 15,
	scheduleMs: 50,
	/** A node takes a task, and tells that it prepares it. */
	acceptMs: 100,
	/** The image is there; a container is made. */
	prepareMs: 100,
	/** The container's process begins. */
	startMs: 150,
	/** Pull of an image that the node lacks. */
	pullMs: 1_500,
	/** Until a registry's answer that it has no such image. */
	refusalMs: 200,
	/** After this long without a word a pull is tried anew. */
	silenceMs: 15_000,
	reapMs: 250,
	/** A task that never had a container is put away. */
	putAwayMs: 100,
	/** A node that says nothing for so long is called down. */
	heartbeatMs: 15_000,
	/** A node finds a new leader. */
	registerMs: 2_000,
} as const;
