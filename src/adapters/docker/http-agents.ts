// Hands out the agents of node:http and node:https, without what an import of them loads beside.

/**
 * An `import` asks a module of Node's for everything that it exports. node:http exports WebSocket, and that loads a whole HTTP client: 35 ms
 * of every worker. `getBuiltinModule` asks for nothing.
 */
export const { Agent: HttpAgent } = process.getBuiltinModule("node:http");
export const { Agent: HttpsAgent } = process.getBuiltinModule("node:https");
