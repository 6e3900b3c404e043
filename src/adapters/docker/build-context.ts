// Finds what a build needs in a checkout: its context, its Dockerfile and its ignore file, none of them outside of the checkout.
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import type { BuildOrder } from "../../engine/ports/images.ts";
import { DeploymillError } from "../../errors.ts";
import { badIgnoreFile, Dockerignore, mostIgnoreBytes } from "./dockerignore.ts";

/** Checked and resolved; all paths are real, none a link. */
export interface BuildContext {
	directory: string;
	/** Relative to `directory`, as the engine is to be told. */
	dockerfile: string;
	/** Where the Dockerfile is when it is outside of the context: it is packed under the name `dockerfile`. */
	outsideDockerfile?: string;
	ignore: Dockerignore;
}

const outsideName = ".deploymill.dockerfile";

/** @throws dockerfile_missing; project_file_invalid for a path that is no folder, or leaves the repository; build_failed for the ignore file */
export async function resolveBuildContext({ directory, build }: Pick<BuildOrder, "directory" | "build">): Promise<BuildContext> {
	const root = await realpath(directory);
	const context = await resolveInside(root, build.context, "build.context");
	if (!context || !(await stat(context)).isDirectory()) {
		throw new DeploymillError("project_file_invalid", `build.context: the repository has no folder ${build.context}.`);
	}
	const dockerfile = await findDockerfile(root, build.dockerfile);
	const outside = !isInside(context, dockerfile);
	return {
		directory: context,
		dockerfile: outside ? outsideName : toPosix(relative(context, dockerfile)),
		...(outside ? { outsideDockerfile: dockerfile } : {}),
		ignore: await readIgnoreFile(root, context, dockerfile),
	};
}

async function findDockerfile(root: string, path: string): Promise<string> {
	const found = (await resolveInside(root, path, "build.dockerfile")) ?? (await findOtherCase(root, path));
	if (found && (await stat(found)).isFile()) return found;
	throw new DeploymillError("dockerfile_missing", `The repository has no Dockerfile at ${path}.`);
}

/** `dockerfile` where `Dockerfile` was asked for: it builds on its author's machine, so it builds here. */
async function findOtherCase(root: string, path: string): Promise<string | undefined> {
	const folder = await resolveInside(root, dirname(path), "build.dockerfile");
	const names = folder && (await stat(folder)).isDirectory() ? await readdir(folder) : [];
	const name = names.find((candidate) => candidate.toLowerCase() === basename(path).toLowerCase());
	return name && resolveInside(root, join(dirname(path), name), "build.dockerfile");
}

/** Undefined where there is nothing. */
async function resolveInside(root: string, path: string, field: string): Promise<string | undefined> {
	const found = await locate(root, path);
	if (found !== "outside") return found?.path;
	throw new DeploymillError("project_file_invalid", `${field}: ${path} leaves the repository.`);
}

/** A repository must not read the machine's files by way of a link. */
async function locate(root: string, path: string): Promise<{ path: string } | "outside" | undefined> {
	const real = await realpathOf(join(root, path));
	if (!isInside(root, real ?? join(root, path))) return "outside";
	return real === undefined ? undefined : { path: real };
}

/** Of a link that leads nowhere, in circles, or further than a path can be long, nothing is there. */
const nowhere = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

async function realpathOf(path: string): Promise<string | undefined> {
	try {
		return await realpath(path);
	} catch (error) {
		if (nowhere.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
		throw error;
	}
}

/** `NAME.dockerignore` beside the Dockerfile goes before `.dockerignore` of the context, as with the docker CLI. */
async function readIgnoreFile(root: string, context: string, dockerfile: string): Promise<Dockerignore> {
	for (const file of [`${dockerfile}.dockerignore`, join(context, ".dockerignore")]) {
		const name = toPosix(relative(root, file));
		const found = await locate(root, name);
		if (found === "outside") throw badIgnoreFile(name, "it is a link that leaves the repository");
		if (found) return readPatterns(found.path, name);
	}
	return new Dockerignore("", ".dockerignore");
}

async function readPatterns(file: string, name: string): Promise<Dockerignore> {
	const stats = await stat(file);
	if (!stats.isFile()) throw badIgnoreFile(name, "it is not a file");
	if (stats.size > mostIgnoreBytes) throw badIgnoreFile(name, `it has ${stats.size} bytes, allowed ${mostIgnoreBytes}`);
	return new Dockerignore(await readFile(file, "utf8"), name);
}

function isInside(root: string, path: string): boolean {
	const way = relative(root, path);
	return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function toPosix(path: string): string {
	return path.split(sep).join("/");
}
