// Owns the RuntimeLogs port over a service's log, with the nodes' names in place of their ids.
import type { RuntimeLogLine, RuntimeLogs } from "../../engine/ports/runtime-logs.ts";
import type { DockerClient } from "./client.ts";
import { readServiceLogs } from "./service-logs.ts";

export class DockerRuntimeLogs implements RuntimeLogs {
	readonly #client: DockerClient;

	constructor(client: DockerClient) {
		this.#client = client;
	}

	async read(serviceName: string, selection: { tail: number; sinceSeconds?: number }): Promise<RuntimeLogLine[]> {
		const [lines, nodes] = await Promise.all([
			readServiceLogs(this.#client, serviceName, selection),
			this.#client.call((docker) => docker.listNodes()),
		]);
		const names = new Map(nodes.map((node) => [node.ID, node.Description?.Hostname]));
		return lines.map(({ nodeId, ...line }) => ({ ...line, node: names.get(nodeId) ?? nodeId }));
	}
}
