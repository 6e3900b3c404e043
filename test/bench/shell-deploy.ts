// Writes down what a person would type to deploy the twin of an app.
import type { BenchApp } from "./app.ts";

/** A shallow clone, a build, a push, and an update that waits for its end. */
export function shellDeploy(app: BenchApp, tag: string): string {
	const repository = app.versions[0]!.image.replace(/@.*/, "");
	const checkout = app.path(tag);
	return `
		git clone --quiet --depth 1 "file://${app.repo.repoUrl}" "${checkout}"
		docker build --quiet --tag ${repository}:${tag} "${checkout}"
		docker push --quiet ${repository}:${tag}
		docker service update --quiet --with-registry-auth --image ${repository}:${tag} ${app.twinName}`;
}
