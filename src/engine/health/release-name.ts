// Reads which release an answer says it is of, where the project file declares a header for that.
import type { HealthPolicy } from "../../model/application.ts";
import { releaseToldTo } from "../../model/release-env.ts";
import type { ObservedService } from "../../model/service.ts";
import type { Untrusted } from "../../untrusted.ts";
import type { EdgeAnswer } from "../ports/prober.ts";

/** What an answer of the release that is judged says, and in which header. */
export interface ReleaseName {
	header: string;
	release: string;
}

/** Who an answer says that it is of, fit to be shown. */
export interface ServedBy {
	text: string;
	/** It has the form of a deployment's id, and can stand in a sentence of ours. */
	isDeployment: boolean;
}

export interface Naming {
	/** The answer says something about the release that is judged. */
	counts: boolean;
	/** It says that it is of this release. */
	isOurs: boolean;
	servedBy?: ServedBy;
}

const longestName = 80;

/** Undefined where answers need not say it: no header is declared, or what runs was put there before it was. */
export function releaseNameOf({ releaseHeader }: HealthPolicy, service: ObservedService | undefined): ReleaseName | undefined {
	const release = service && releaseToldTo(service.spec);
	return releaseHeader === undefined || release === undefined ? undefined : { header: releaseHeader, release };
}

/**
 * An answer of another release (one that still ends, or one that a cache kept) says nothing about this one, and neither does one
 * that names none. Only a failure without a name (502 of the ingress, an app that is too ill to set a header, none at all) is this
 * release's, once no older task can have given it.
 */
export function readName(answer: EdgeAnswer, expected: ReleaseName, olderMayAnswer: boolean, untrusted: Untrusted): Naming {
	const { headers = {} } = answer.heard ?? {};
	const name = Object.hasOwn(headers, expected.header) ? headers[expected.header]?.trim() : undefined;
	if (name) {
		const isOurs = name === expected.release;
		return { counts: isOurs, isOurs, servedBy: shown(name, isOurs, untrusted) };
	}
	const failed = answer.status === undefined || answer.status >= 500;
	return { counts: failed && !olderMayAnswer, isOurs: false };
}

function shown(name: string, isOurs: boolean, untrusted: Untrusted): ServedBy {
	const isDeployment = isOurs || /^dep-[a-z0-9]{1,20}$/.test(name);
	return { text: isDeployment ? name : untrusted.fence("release header", name, longestName), isDeployment };
}
