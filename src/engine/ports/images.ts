// Declares what the engine needs of image building, pushing and looking up.
import type { ApplicationConfig } from "../../model/application.ts";
import type { RegistryCredentials } from "./swarm.ts";

export interface BuildOrder {
	/** Folder of the checkout. */
	directory: string;
	build: ApplicationConfig["build"];
	/** Full local name to give the image, so that the engine's clean-up does not take it. */
	tag: string;
	noCache: boolean;
}

/** Follows a build while it runs. Text comes from the build: untrusted. */
export interface BuildListener {
	/** A line of the log. */
	line(text: string): void;
	/** The step that runs now, e.g. `[3/5] RUN npm ci`. */
	step(text: string): void;
}

export interface Images {
	/**
	 * Builds with BuildKit and returns the image's id (`sha256:…`). Aborting ends the build on the engine as well.
	 * @throws dockerfile_missing, build_failed (details.log: last lines, fenced), docker_unreachable
	 */
	build(order: BuildOrder, listener: BuildListener, signal: AbortSignal): Promise<{ imageId: string }>;
	/**
	 * Pushes a tag and returns the digest of the manifest the registry took (`sha256:…`).
	 * @throws registry_auth_failed, registry_unreachable, push_failed
	 */
	push(
		tag: string,
		credentials: RegistryCredentials | undefined,
		listener: BuildListener,
		signal: AbortSignal,
	): Promise<{ digest: string }>;
	/** Which of `candidates` (absolute paths) are files in the image, as a container of it would see them; nothing of it is run. */
	findPaths(imageReference: string, candidates: string[]): Promise<Set<string>>;
	/** Whether the endpoint's engine has the image. */
	has(imageReference: string): Promise<boolean>;
	/** Takes a tag away; fine where it is gone. The image stays while anything else names it. */
	untag(tag: string): Promise<void>;
}

export interface Registry {
	/**
	 * Has the engine look the manifest up with today's credentials.
	 * @throws registry_auth_failed, image_missing, registry_unreachable
	 */
	checkManifest(reference: string): Promise<void>;
	/** @throws registry_auth_failed, registry_unreachable */
	checkLogin(): Promise<void>;
	/** Read anew at each call, so that a rotated password works without a restart. Undefined: anonymous. */
	credentials(): Promise<RegistryCredentials | undefined>;
	/** `host[:port][/namespace]` as configured; undefined: no registry. */
	readonly address: string | undefined;
}
