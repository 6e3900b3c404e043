// Turns a spec as it is sent into the spec as Swarm keeps and answers it: without what is empty, with what it adds.
import type { ServiceSpec } from "../../../src/model/service.ts";

type Fields = Record<string, unknown>;

export function storedSpec(sent: ServiceSpec): ServiceSpec {
	const { ContainerSpec, Placement, Networks, RestartPolicy, ...template } = structuredClone(sent.TaskTemplate) as unknown as Record<
		string,
		Fields
	>;
	return {
		...structuredClone(sent),
		TaskTemplate: {
			...template,
			...withoutEmpty({ Networks }),
			ContainerSpec: { ...withoutEmpty(ContainerSpec), Isolation: "default" },
			RestartPolicy: { MaxAttempts: 0, ...RestartPolicy },
			Placement: withoutEmpty(Placement),
			Runtime: "container",
		},
	} as unknown as ServiceSpec;
}

function withoutEmpty(fields: Fields = {}): Fields {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
	return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
