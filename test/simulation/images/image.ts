// Describes an image: what it is known by, and the app in it.
import { createHash } from "node:crypto";
import type { AppBehaviour } from "../swarm/app-behaviour.ts";

export interface Image {
	/** `sha256:…` of its configuration: equal for equal content. */
	imageId: string;
	/** `sha256:…` of its manifest, which a registry knows it by. */
	digest: string;
	app: AppBehaviour;
	/** Absolute paths of files in it, as far as anybody looks for them. */
	paths: readonly string[];
}

/** @param content what it is built from: equal content is the same image */
export function makeImage(content: string, app: AppBehaviour, paths: readonly string[] = []): Image {
	return { imageId: hash(`image ${content}`), digest: hash(`manifest ${content}`), app, paths };
}

function hash(text: string): string {
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
