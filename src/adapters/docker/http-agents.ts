// Hands out the agents of node:http and node:https, without what an import of them loads beside.

/**
 * A module of Node's that is imported is asked for all that it exports, and the WebSocket of node:http loads a whole client of HTTP: 35 ms
 * of every worker.
 */
export const { Agent: HttpAgent } = process.getBuiltinModule("node:http");
export const { Agent: HttpsAgent } = process.getBuiltinModule("node:https");
