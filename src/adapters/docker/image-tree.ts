// Owns what an image's file system looks like once its layers lie upon each other. Names and links alone, no contents. Pure.

export type LayerEntry =
	| { path: string; kind: "directory" }
	| { path: string; kind: "file"; executable: boolean }
	| { path: string; kind: "symlink"; target: string }
	/** Another name of a file of this or a lower layer. */
	| { path: string; kind: "hardlink"; target: string };

interface TreeNode {
	kind: "directory" | "file" | "symlink";
	executable?: boolean;
	target?: string;
	children?: Map<string, TreeNode>;
}

const whiteout = ".wh.";
/** In a folder: nothing of it that lies in lower layers is there. */
const opaque = ".wh..wh..opq";
/** As the kernel: more links than this are a loop. */
const mostLinks = 40;

export class ImageTree {
	readonly #root: TreeNode = directory();

	/** Lays one layer upon those before it. Its whiteouts hide what lies below, never what the layer itself brings. */
	apply(entries: LayerEntry[]): void {
		const parsed = entries.map((entry) => ({ entry, names: namesOf(entry.path) }));
		for (const { names } of parsed) this.#hide(names);
		for (const { entry, names } of parsed) if (!names.at(-1)?.startsWith(whiteout)) this.#put(names, entry);
	}

	/** Whether the path, all links followed as inside of a container, leads to a file that may be executed. */
	hasExecutable(path: string): boolean {
		const node = this.#resolve(namesOf(path));
		return node?.kind === "file" && node.executable === true;
	}

	#hide(names: string[]): void {
		const last = names.at(-1);
		if (!last?.startsWith(whiteout)) return;
		const parent = this.#walk(names.slice(0, -1));
		if (last === opaque) parent?.children?.clear();
		else parent?.children?.delete(last.slice(whiteout.length));
	}

	#put(names: string[], entry: LayerEntry): void {
		const last = names.at(-1);
		if (last === undefined) return;
		const siblings = this.#makeDirectories(names.slice(0, -1));
		const before = siblings.get(last);
		if (entry.kind === "directory" && before?.kind === "directory") return;
		siblings.set(last, this.#nodeOf(entry));
	}

	#nodeOf(entry: LayerEntry): TreeNode {
		switch (entry.kind) {
			case "directory":
				return directory();
			case "file":
				return { kind: "file", executable: entry.executable };
			case "symlink":
				return { kind: "symlink", target: entry.target };
			case "hardlink":
				return this.#walk(namesOf(entry.target)) ?? { kind: "file", executable: false };
		}
	}

	/** Layers need not list the folders of what they bring. */
	#makeDirectories(names: string[]): Map<string, TreeNode> {
		let node = this.#root;
		for (const name of names) {
			const next = node.children?.get(name);
			const folder = next?.kind === "directory" ? next : directory();
			if (folder !== next) node.children?.set(name, folder);
			node = folder;
		}
		return childrenOf(node);
	}

	/** Follows no links: the paths of a layer are those of its own folders. */
	#walk(names: string[]): TreeNode | undefined {
		let node: TreeNode | undefined = this.#root;
		for (const name of names) node = node?.children?.get(name);
		return node;
	}

	#resolve(names: string[]): TreeNode | undefined {
		const todo = names.toReversed();
		let trail: TreeNode[] = [this.#root];
		let links = 0;
		while (todo.length > 0) {
			const name = todo.pop() ?? "";
			const target = trail.at(-1)?.children?.get(name)?.target;
			if (target === undefined) {
				trail = step(trail, name);
				continue;
			}
			if (++links > mostLinks) return undefined;
			if (target.startsWith("/")) trail = [this.#root];
			todo.push(...namesOf(target).toReversed());
		}
		return trail.at(-1);
	}
}

/** The nodes from the root to here, one name further on; none where there is no such name. */
function step(trail: TreeNode[], name: string): TreeNode[] {
	if (name === "..") return trail.length > 1 ? trail.slice(0, -1) : trail;
	const next = trail.at(-1)?.children?.get(name);
	return next ? [...trail, next] : [];
}

function directory(): TreeNode {
	return { kind: "directory", children: new Map() };
}

function childrenOf(node: TreeNode): Map<string, TreeNode> {
	node.children ??= new Map();
	return node.children;
}

/** `./usr//bin/` and `/usr/bin` are the same; `..` stays, since only a link's target may have it. */
function namesOf(path: string): string[] {
	return path.split("/").filter((name) => name !== "" && name !== ".");
}
