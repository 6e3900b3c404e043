// Packs the Claude Desktop bundle: `npm run pack:mcpb -- [FILE]`.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { run, stage } from "../stage.mjs";

const file = resolve(process.argv[2] ?? "deploymill.mcpb");
const manifest = fileURLToPath(new URL("manifest.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "deploymill-mcpb-"));
try {
	stage(folder);
	copyFileSync(manifest, join(folder, "manifest.json"));
	run("mcpb", ["pack", folder, file], process.cwd());
	process.stdout.write(`${file}\n`);
} finally {
	rmSync(folder, { recursive: true });
}
