// Copies what the package is made from: packing builds, and building in the checkout would pull `dist` from under other tests.
import { cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, run } from "./command.ts";
import { devPath } from "./dev-tool.ts";

const root = join(import.meta.dirname, "../..");
const parts = ["src", "guides", "packaging", "package.json", "package-lock.json", "tsconfig.json", "README.md", "LICENSE"];

export class PackageCopy implements AsyncDisposable {
	/** For whatever a test makes. */
	readonly folder: string;
	readonly #checkout: string;

	private constructor(folder: string) {
		this.folder = folder;
		this.#checkout = join(folder, "checkout");
	}

	static async make(): Promise<PackageCopy> {
		const copy = new PackageCopy(await mkdtemp(join(tmpdir(), "deploymill-package-")));
		await Promise.all(parts.map((part) => cp(join(root, part), join(copy.#checkout, part), { recursive: true })));
		await symlink(join(root, "node_modules"), join(copy.#checkout, "node_modules"));
		return copy;
	}

	/** Path of the tarball that `npm pack` makes. */
	async pack(): Promise<string> {
		await this.npm("pack", "--pack-destination", this.folder);
		const name = (await readdir(this.folder)).find((file) => file.endsWith(".tgz"));
		return join(this.folder, name!);
	}

	/** Runs npm in the copy; fails where npm does. */
	npm(...args: string[]): Promise<CommandResult> {
		return npm(args, this.#checkout);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.folder, { recursive: true });
	}
}

/** Runs npm in a folder, with the Node of this repository; fails where npm does. */
export async function npm(args: string[], cwd: string): Promise<CommandResult> {
	const result = await run("npm", args, { ...cleanEnvironment(), PATH: devPath }, { cwd });
	if (result.code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
	return result;
}

/** Where tests run by `npm test`, npm's own variables would steer the npm that is started here. */
function cleanEnvironment(): Record<string, string> {
	const kept = Object.entries(process.env).filter(
		([name, value]) => value !== undefined && !/^(?:npm_(?!config_(?:cache|registry))|INIT_CWD)/.test(name),
	);
	return Object.fromEntries(kept) as Record<string, string>;
}
