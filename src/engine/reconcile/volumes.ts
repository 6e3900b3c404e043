// Owns the check that a volume is free to be mounted: a project file must not reach into somebody else's data.
import { DeploymillError } from "../../errors.ts";
import type { Application, Mount } from "../../model/application.ts";
import { labels } from "../../model/service.ts";
import type { Engine } from "../engine.ts";

/**
 * @param ownId the application's id, or the one that it will get
 * @throws name_taken for a volume of another application, or one that deploymill did not make
 */
export async function ensureVolumesFree(
	engine: Engine,
	application: Application | undefined,
	ownId: string,
	mounts: Mount[],
): Promise<void> {
	const alreadyOurs = new Set(application?.config.mounts.map(({ volumeName }) => volumeName));
	for (const { volumeName } of mounts.filter((mount) => !alreadyOurs.has(mount.volumeName))) {
		const other = engine.store
			.listApplications()
			.find(({ applicationId, config }) => applicationId !== ownId && config.mounts.some((mount) => mount.volumeName === volumeName));
		if (other) refuse(volumeName, `the application ${other.applicationId} mounts it`);
		const volume = await engine.swarm.inspectVolume(volumeName);
		if (volume && volume.labels[labels.application] !== ownId)
			refuse(volumeName, "it exists on the Docker host, and was not made for this application");
	}
}

function refuse(volumeName: string, because: string): never {
	throw new DeploymillError("name_taken", `mounts: the volume ${JSON.stringify(volumeName)} is taken: ${because}. Nothing was applied.`, {
		hint: "Choose another volumeName in .deploymill/project.json, for example one that begins with the project's name.",
		details: { volumeName },
	});
}
