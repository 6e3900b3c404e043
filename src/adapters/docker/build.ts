// Builds one image with BuildKit, from the context to the image's id, and ends the build when it is aborted.
import { randomUUID } from "node:crypto";
import type { BuildListener, BuildOrder } from "../../engine/ports/images.ts";
import { resolveBuildContext } from "./build-context.ts";
import { buildFailure } from "./build-failure.ts";
import { BuildLog } from "./build-log.ts";
import { openBuildSession, type ReadLogin } from "./build-session.ts";
import { decodeBuildTrace } from "./build-trace.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { ContextArchive } from "./context-archive.ts";
import { listContext } from "./context-files.ts";
import { isEngineError } from "./faults.ts";
import { readJsonLines } from "./json-lines.ts";
import { ToldLines } from "./told-lines.ts";

/** Of the messages of a build, what is read here. */
type BuildMessage =
	| { id: "moby.buildkit.trace"; aux: string }
	| { id: "moby.image.id"; aux: { ID: string } }
	| { id?: undefined; error?: string; errorDetail?: { message?: string } };

/** @throws what `Images.build` throws; the signal's reason when it was aborted */
export async function runBuild(
	client: DockerClient,
	readLogin: ReadLogin,
	order: BuildOrder,
	listener: BuildListener,
	signal: AbortSignal,
): Promise<{ imageId: string }> {
	signal.throwIfAborted();
	const context = await resolveBuildContext(order);
	const paths = await listContext(context, signal);
	using session = await openBuildSession(client, readLogin, (text) => listener.line(client.untrusted.logLine(text)));
	const buildId = randomUUID();
	const options = {
		version: "2",
		session: session.id,
		buildid: buildId,
		t: order.tag,
		dockerfile: context.dockerfile,
		buildargs: order.build.args,
		...(order.noCache ? { nocache: true } : {}),
	};
	const archive = new ContextArchive(context, paths);
	try {
		const build = { path: "/build?", method: "POST", options, file: archive as unknown as NodeJS.ReadableStream, abortSignal: signal };
		return { imageId: await followBuild(client, build, listener) };
	} catch (error) {
		if (!signal.aborted) throw client.translate(error);
		await cancelBuild(client, buildId);
		throw signal.reason;
	} finally {
		archive.destroy();
	}
}

async function followBuild(client: DockerClient, build: EngineRequest, listener: BuildListener): Promise<string> {
	const { untrusted } = client;
	const log = new BuildLog((name) => listener.step(untrusted.line(name)));
	const told = new ToldLines(untrusted, listener);
	let imageId: string | undefined;
	for await (const message of readJsonLines<BuildMessage>(await startBuild(client, build))) {
		if (message.id === "moby.buildkit.trace") await told.tell(log.accept(decodeBuildTrace(message.aux)));
		else if (message.id === "moby.image.id") imageId = message.aux.ID;
		else if (message.error) {
			await told.tell(log.finish());
			throw buildFailure(untrusted, log.failed, message.errorDetail?.message ?? message.error, told.tail);
		}
	}
	await told.tell(log.finish());
	if (!imageId) throw buildFailure(untrusted, undefined, "The engine ended the build without an image.", told.tail);
	return requireImage(client, imageId);
}

/** The engine refuses some builds at once, with a status: a Dockerfile that is not there, an option it does not know. */
async function startBuild(client: DockerClient, build: EngineRequest): Promise<AsyncIterable<Buffer>> {
	try {
		return await client.stream(build);
	} catch (error) {
		if (isEngineError(error)) throw buildFailure(client.untrusted, undefined, error.said, []);
		throw error;
	}
}

async function requireImage(client: DockerClient, imageId: string): Promise<string> {
	const image = await client.request<{ Id: string }>({ path: `/images/${imageId}/json`, method: "GET" });
	return image.Id;
}

/** The engine notices by itself that a request is gone, unless a proxy or ssh still holds its end of it. */
async function cancelBuild(client: DockerClient, buildId: string): Promise<void> {
	await client.request({ path: "/build/cancel?", method: "POST", options: { _query: { id: buildId }, _body: {} } });
}
