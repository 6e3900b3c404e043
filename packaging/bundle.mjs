// Makes dist/: deploymill with all that it needs in a few files, which are loaded when they are used, and the licences of what is in it.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const entries = { cli: "src/cli.ts", "watchdog-thread": "src/adapters/watchdog-thread.ts" };
/**
 * Files of the bundle, with all that these modules import but what an earlier one holds: one file is loaded sooner than thirty. `start` is
 * what must be there before Node's cache can be used, `base` what every command needs, and a worker all of it.
 */
const together = { start: ["src/adapters/compile-cache.ts"], base: ["src/commands/main.ts", "src/commands/work.ts"] };

rmSync(dist, { recursive: true, force: true });
const fileOf = new Map();
const bundle = await rolldown({
	cwd: root,
	input: entries,
	platform: "node",
	plugins: [standIns(), findTogether()],
	onLog(level, { message }) {
		if (level === "warn") throw new Error(message);
	},
});
const { output } = await bundle.write({
	dir: dist,
	format: "esm",
	// Read when a fault is told (src/source-stack.ts). Where a place is says enough; the sources themselves would double the package.
	sourcemap: true,
	sourcemapExcludeSources: true,
	// All in one folder: src/package-folder.ts relies on it.
	entryFileNames: "[name].js",
	chunkFileNames: "[name]-[hash].js",
	codeSplitting: {
		groups: Object.keys(together).map((name, index) => ({ name, test: (id) => fileOf.get(id) === name, priority: 10 - index })),
	},
});
await bundle.close();
const ofPages = [
	...(await bundlePage("src/timeline/browser/file.ts", "timeline-file.js")),
	...(await bundlePage("src/timeline/browser/app.ts", "timeline-app.js")),
];
copyFileSync(join(root, "src/timeline/timeline.css"), join(dist, "timeline.css"));
const chunks = output.filter(({ type }) => type === "chunk");
refuseForeignImports(chunks);
writeFileSync(join(dist, "third-party-licenses.txt"), licences([...chunks.flatMap(({ moduleIds }) => moduleIds), ...ofPages]));

/** A script that stands in a page, and so imports nothing. @returns the modules that are in it */
async function bundlePage(input, file) {
	const page = await rolldown({ cwd: root, input, platform: "browser" });
	const { output } = await page.write({ file: join(dist, file), format: "iife", minify: true });
	await page.close();
	return output.flatMap(({ moduleIds }) => moduleIds ?? []);
}

/**
 * What packages of ours load and nobody here uses: ssh:// engines are reached by the user's own ssh, build sessions are held by build-session.ts. Of undici
 * all but its client: fetch, cookies and WebSocket load the undici in Node as well, 20 ms of every worker.
 */
function standIns() {
	const nothing = "\0nothing";
	const client = "\0undici-client";
	const undici = join(root, "node_modules/undici/lib");
	const unused = (id, importer) => id === "ssh2" || (id === "./session" && importer.includes("/dockerode/"));
	const codeOf = {
		[nothing]: "module.exports = () => {};",
		// As undici's index.js puts it together.
		[client]: `import Dispatcher from "${undici}/dispatcher/dispatcher.js";
			import Client from "${undici}/dispatcher/client.js";
			import api from "${undici}/api/index.js";
			import errors from "${undici}/core/errors.js";
			Object.assign(Dispatcher.prototype, api);
			export { Client, errors };`,
	};
	return {
		name: "stand-ins",
		resolveId: (id, importer) => (id === "undici" ? client : unused(id, importer) ? nothing : undefined),
		load: (id) => (id in codeOf ? { code: codeOf[id], moduleType: "js" } : undefined),
	};
}

function findTogether() {
	return {
		name: "find-together",
		buildEnd() {
			const put = (id, file) => {
				if (fileOf.has(id)) return;
				fileOf.set(id, file);
				for (const imported of this.getModuleInfo(id)?.importedIds ?? []) put(imported, file);
			};
			for (const [file, modules] of Object.entries(together)) for (const module of modules) put(join(root, module), file);
		},
	};
}

/** Nothing is installed beside the bundle. */
function refuseForeignImports(chunks) {
	const own = new Set(chunks.map(({ fileName }) => fileName));
	const foreign = chunks
		.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
		.filter((name) => !own.has(name) && !name.startsWith("node:") && !builtinModules.includes(name));
	if (foreign.length > 0) throw new Error(`not in the bundle: ${foreign.join(", ")}`);
}

function licences(moduleIds) {
	const folders = new Set(moduleIds.filter((id) => id.includes("/node_modules/")).map(packageFolder));
	const texts = [...folders].map(licenceOf).sort();
	return `deploymill contains these packages, each under its own licence.\n\n${texts.join(`\n${"-".repeat(100)}\n\n`)}`;
}

function packageFolder(file) {
	const folder = dirname(file);
	const manifest = join(folder, "package.json");
	return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version ? folder : packageFolder(folder);
}

function licenceOf(folder) {
	const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
	if (!license) throw new Error(`${name} has no licence`);
	const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
	const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
	const whose = author ? `\nby ${author.name ?? author}` : "";
	return `${name} ${version} (${license})${whose}\n\n${texts.join("\n\n")}\n`;
}
