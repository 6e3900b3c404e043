// Reads the labels of any service of the Swarm, whoever made it.
import type { ObservedService } from "../../model/service.ts";

export type Labels = [key: string, value: string][];

/**
 * Labels of the service, and labels of its containers: Traefik's Swarm provider reads the first, its Docker provider the
 * second, and caddy-docker-proxy both. A service that deploymill did not make may have neither.
 */
export function labelSets({ spec }: ObservedService): Labels[] {
	return [Object.entries(spec.Labels ?? {}), Object.entries(spec.TaskTemplate?.ContainerSpec?.Labels ?? {})];
}
