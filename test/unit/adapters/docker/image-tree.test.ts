import { describe, expect, it } from "vitest";
import { ImageTree, type LayerEntry } from "../../../../src/adapters/docker/image-tree.ts";

const program = (path: string): LayerEntry => ({ path, kind: "file", executable: true });
const link = (path: string, target: string): LayerEntry => ({ path, kind: "symlink", target });
const folder = (path: string): LayerEntry => ({ path, kind: "directory" });

function treeOf(...layers: LayerEntry[][]): ImageTree {
	const tree = new ImageTree();
	for (const layer of layers) tree.apply(layer);
	return tree;
}

describe("ImageTree", () => {
	it("finds programs, and neither folders nor files that cannot be executed", () => {
		const tree = treeOf([folder("usr/bin/"), program("usr/bin/curl"), { path: "./etc/passwd", kind: "file", executable: false }]);
		expect(tree.hasExecutable("/usr/bin/curl")).toBe(true);
		expect(tree.hasExecutable("/usr/bin")).toBe(false);
		expect(tree.hasExecutable("/etc/passwd")).toBe(false);
		expect(tree.hasExecutable("/usr/bin/wget")).toBe(false);
	});

	it("follows links: relative, absolute, of folders, over each other, and out of the root", () => {
		const tree = treeOf([
			link("bin", "usr/bin"),
			program("usr/bin/python3.11"),
			link("usr/bin/python3", "python3.11"),
			link("usr/bin/python", "/etc/alternatives/python"),
			link("etc/alternatives/python", "../../../../bin/python3"),
			link("usr/bin/loop", "loop"),
			link("usr/bin/lost", "/nowhere"),
		]);
		expect(tree.hasExecutable("/bin/python3")).toBe(true);
		expect(tree.hasExecutable("/bin/python")).toBe(true);
		expect(tree.hasExecutable("/bin/loop")).toBe(false);
		expect(tree.hasExecutable("/bin/lost")).toBe(false);
	});

	it("hides what a whiteout names, and lets the same layer bring it again", () => {
		const below = [program("bin/curl"), program("bin/wget"), program("opt/tool/bin/x")];
		const tree = treeOf(below, [{ path: "bin/.wh.curl", kind: "file", executable: false }, program("bin/wget"), program("opt/.wh.tool")]);
		expect(tree.hasExecutable("/bin/curl")).toBe(false);
		expect(tree.hasExecutable("/bin/wget")).toBe(true);
		expect(tree.hasExecutable("/opt/tool/bin/x")).toBe(false);
		const again = treeOf(below, [program("bin/curl"), program("bin/.wh.curl")]);
		expect(again.hasExecutable("/bin/curl")).toBe(true);
	});

	it("hides all below in an opaque folder, and nothing of the layer itself", () => {
		const tree = treeOf([program("bin/curl"), program("sbin/curl")], [program("bin/wget"), program("bin/.wh..wh..opq")]);
		expect(tree.hasExecutable("/bin/curl")).toBe(false);
		expect(tree.hasExecutable("/bin/wget")).toBe(true);
		expect(tree.hasExecutable("/sbin/curl")).toBe(true);
	});

	it("replaces folders by files and links, and the other way round", () => {
		const tree = treeOf([program("bin/curl"), link("lib", "usr/lib")], [link("bin", "usr/bin"), folder("lib"), program("lib/tool")]);
		expect(tree.hasExecutable("/bin/curl")).toBe(false);
		expect(tree.hasExecutable("/lib/tool")).toBe(true);
		expect(tree.hasExecutable("/usr/lib/tool")).toBe(false);
	});

	it("knows a file by its other names", () => {
		const tree = treeOf([program("bin/busybox")], [{ path: "bin/wget", kind: "hardlink", target: "bin/busybox" }]);
		expect(tree.hasExecutable("/bin/wget")).toBe(true);
	});
});
