// Digests what a release is put live with beside its image: what is compared later, and shows no value.
import { createHash } from "node:crypto";
import type { ApplicationConfig } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { Store } from "../ports/store.ts";

/** Not `build`: what it changes, it changes in the image. */
const fields = ["workload", "port", "domains", "health", "mounts", "resources", "replicas"] as const;
type Field = (typeof fields)[number];

export type Digests = Required<Pick<Deployment, "envDigests" | "configDigests">>;

export function digestsOf(store: Pick<Store, "digestEnv">, env: Record<string, string>, config: ApplicationConfig): Digests {
	return {
		envDigests: store.digestEnv(env),
		configDigests: Object.fromEntries(fields.map((field) => [field, digestField(field, config[field])])),
	};
}

/** A field that is absent has a digest too, so that adding it later shows. @param _field gives `value` its type */
export function digestField<Name extends Field>(_field: Name, value: ApplicationConfig[Name]): string {
	return createHash("sha256")
		.update(JSON.stringify(value ?? null))
		.digest("hex")
		.slice(0, 16);
}
