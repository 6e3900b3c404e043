// Explains why a build failed: which step, and what to look at.
import { DeploymillError } from "../../errors.ts";
import type { Untrusted } from "../../untrusted.ts";
import type { FailedStep } from "./build-log.ts";

const loadsBaseImage = /^\[internal\] load metadata for (\S+)/;
/** `[2/3] RUN …`, `[builder 2/3] RUN …` */
const stepPosition = /^\[(?:[^\]]* )?(\d+\/\d+)\]/;
const parseError =
	/^(?:failed to solve: )?(?:dockerfile|file with no instructions|no build stage|failed to parse|failed to read dockerfile)/i;

/** `tail`: the last lines that were told. `error`: BuildKit's own last word, untrusted like the rest. */
export function buildFailure(untrusted: Untrusted, failed: FailedStep | undefined, error: string, tail: string[]): DeploymillError {
	const [, baseImage] = loadsBaseImage.exec(failed?.name ?? "") ?? [];
	const exitCode = /exit code: (\d+)/.exec(failed?.error ?? error)?.[1];
	return new DeploymillError("build_failed", messageOf(failed, baseImage, exitCode, error), {
		...(baseImage ? { hint: baseImageHint } : {}),
		details: {
			...(failed ? { step: untrusted.fence("build step", untrusted.line(failed.name, 160)) } : {}),
			...(exitCode ? { exitCode: Number(exitCode) } : {}),
			log: untrusted.fence("build log", [...tail, error].join("\n")),
		},
	});
}

const baseImageHint =
	"Check the image's name and tag in the Dockerfile's FROM, and that the Docker machine reaches its registry. For a private base image only the credentials of DEPLOYMILL_REGISTRY are used.";

/** Of what stands in the Dockerfile, only the step's number is told here. */
function messageOf(failed: FailedStep | undefined, baseImage: string | undefined, exitCode: string | undefined, error: string): string {
	if (baseImage) return "The build failed: a base image of the Dockerfile could not be pulled. The log in details says which and why.";
	if (failed) {
		const [, position] = stepPosition.exec(failed.name) ?? [];
		const where = position ? `step ${position}` : "the step that details.step names";
		return `The build failed at ${where}${exitCode ? `, which ended with exit code ${exitCode}` : ""}.`;
	}
	if (parseError.test(error)) return "The build failed: the Dockerfile is not valid. The log in details says where.";
	return "The build failed before any of its steps did. The log in details says why.";
}
