// Describes the registry that init makes: its service, and the password for its user.
import { randomBytes } from "node:crypto";
import { hash } from "bcryptjs";
import type { Settings } from "../../config/settings.ts";
import { partLabels, registryName, registryUsername } from "./part.ts";

export interface RegistryPlace {
	image: string;
	port: number;
	nodeId: string;
	endpointMode: Settings["endpointMode"];
	secret: { id: string; name: string };
}

/** The registry checks the password at every request. */
const bcryptRounds = 10;
const htpasswd = "/run/secrets/htpasswd";

/** Of characters that need no quoting anywhere. */
export function newPassword(): string {
	return randomBytes(24).toString("hex");
}

/** A line for the registry's htpasswd file, which takes bcrypt alone. */
export async function htpasswdLine(password: string): Promise<string> {
	return `${registryUsername}:${await hash(password, bcryptRounds)}\n`;
}

/** Stays on this node, because its volume does. Without IPVS a port can only be published on the node itself. */
export function registryService({ image, port, nodeId, endpointMode, secret }: RegistryPlace) {
	const publishMode = endpointMode === "vip" ? "ingress" : "host";
	return {
		Name: registryName,
		Labels: partLabels("registry"),
		TaskTemplate: {
			ContainerSpec: {
				Image: image,
				Env: [
					"REGISTRY_AUTH=htpasswd",
					"REGISTRY_AUTH_HTPASSWD_REALM=deploymill",
					`REGISTRY_AUTH_HTPASSWD_PATH=${htpasswd}`,
					"REGISTRY_STORAGE_DELETE_ENABLED=true",
				],
				Mounts: [{ Type: "volume", Source: registryName, Target: "/var/lib/registry", VolumeOptions: { Labels: partLabels("registry") } }],
				Secrets: [{ SecretID: secret.id, SecretName: secret.name, File: { Name: "htpasswd", UID: "0", GID: "0", Mode: 0o400 } }],
			},
			Placement: { Constraints: [`node.id==${nodeId}`] },
			RestartPolicy: { Condition: "any", Delay: 2e9 },
		},
		Mode: { Replicated: { Replicas: 1 } },
		EndpointSpec: {
			Mode: endpointMode,
			Ports: [{ Protocol: "tcp", TargetPort: 5000, PublishedPort: port, PublishMode: publishMode }],
		},
	};
}
