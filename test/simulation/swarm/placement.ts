// Decides which node may take a task: placement constraints as Swarm reads them, as far as deploymill and operators use them.
import type { NodeRecord } from "./records.ts";

const values: Record<string, (node: NodeRecord) => string> = {
	"node.id": ({ id }) => id,
	"node.hostname": ({ hostname }) => hostname,
	"node.role": () => "manager",
};

export function satisfies(node: NodeRecord, constraints: readonly string[]): boolean {
	return constraints.every((constraint) => {
		const [, key = "", operator, wanted = ""] = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
		// A node has no label here, so none equals anything.
		const found = values[key]?.(node);
		return operator === "==" ? found === wanted : found !== wanted;
	});
}
