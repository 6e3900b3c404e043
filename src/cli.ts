#!/usr/bin/env node
// Owns the start of the `deploymill` command. Kept free of imports that an old Node cannot load, so that it can say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
	console.error(`deploymill needs Node 22.19 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
	process.exit(2);
}
const { main } = await import("./commands/main.ts");
await main(process.argv);
