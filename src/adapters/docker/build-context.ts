// Owns which files of a checkout go to the engine for a build, and that nothing outside of the checkout does.
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import dockerignore from "@balena/dockerignore";
import type { BuildOrder } from "../../engine/ports/images.ts";
import { DeploymillError } from "../../errors.ts";

/** Checked and resolved; all paths are real, none a link. */
export interface BuildContext {
	directory: string;
	/** Relative to `directory`, as the engine is to be told. */
	dockerfile: string;
	/** Where the Dockerfile is when it is outside of the context: it is packed under the name `dockerfile`. */
	outsideDockerfile?: string;
	/** Whether a path (relative, `/`) stays behind. */
	ignores(path: string): boolean;
	/** Whether a folder that is ignored may hold files that are not. */
	hasExceptions: boolean;
}

const outsideName = ".deploymill.dockerfile";

/** @throws dockerfile_missing; project_file_invalid for a path that is no folder, or leaves the repository */
export async function resolveBuildContext({ directory, build }: Pick<BuildOrder, "directory" | "build">): Promise<BuildContext> {
	const root = await realpath(directory);
	const context = await resolveInside(root, build.context, "build.context");
	if (!context || !(await stat(context)).isDirectory()) {
		throw new DeploymillError("project_file_invalid", `build.context: the repository has no folder ${build.context}.`);
	}
	const dockerfile = await findDockerfile(root, build.dockerfile);
	const inContext = toPosix(relative(context, dockerfile));
	const outside = !isInside(context, dockerfile);
	return {
		directory: context,
		dockerfile: outside ? outsideName : inContext,
		...(outside ? { outsideDockerfile: dockerfile } : {}),
		...(await readIgnores(root, context, dockerfile, inContext)),
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
	const names = folder ? await readdir(folder) : [];
	const name = names.find((candidate) => candidate.toLowerCase() === basename(path).toLowerCase());
	return name && resolveInside(root, join(dirname(path), name), "build.dockerfile");
}

/** Undefined where there is nothing. A repository must not read the machine's files by way of a link. */
async function resolveInside(root: string, path: string, field: string): Promise<string | undefined> {
	const real = await realpathOf(join(root, path));
	if (real !== undefined && !isInside(root, real)) throw leavesRepository(field, path);
	if (real === undefined && !isInside(root, join(root, path))) throw leavesRepository(field, path);
	return real;
}

function leavesRepository(field: string, path: string): DeploymillError {
	return new DeploymillError("project_file_invalid", `${field}: ${path} leaves the repository.`);
}

async function realpathOf(path: string): Promise<string | undefined> {
	try {
		return await realpath(path);
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		if (code === "ENOENT" || code === "ENOTDIR") return undefined;
		throw error;
	}
}

/** `NAME.dockerignore` beside the Dockerfile goes before `.dockerignore` of the context, as with the docker CLI. */
async function readIgnores(
	root: string,
	context: string,
	dockerfile: string,
	dockerfileInContext: string,
): Promise<Pick<BuildContext, "ignores" | "hasExceptions">> {
	const own = await resolveInside(root, relative(root, `${dockerfile}.dockerignore`), "build.dockerfile");
	const path = own ?? (await resolveInside(root, relative(root, join(context, ".dockerignore")), "build.context"));
	const patterns = path ? await readFile(path, "utf8") : "";
	const rules = dockerignore.default({ ignorecase: false }).add(patterns);
	return {
		// The engine needs the Dockerfile even where it is ignored. `.git` stays behind as with builds straight from a git
		// address: it differs from checkout to checkout, so no `COPY . .` would ever be cached, and images would hold history.
		ignores: (candidate) => candidate === ".git" || (candidate !== dockerfileInContext && rules.ignores(candidate)),
		hasExceptions: /^\s*!/m.test(patterns) || rules.ignores(dockerfileInContext.startsWith("..") ? "." : dirname(dockerfileInContext)),
	};
}

function isInside(root: string, path: string): boolean {
	const way = relative(root, path);
	return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function toPosix(path: string): string {
	return path.split(sep).join("/");
}
