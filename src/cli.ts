#!/usr/bin/env node
// Starts the `deploymill` command. Kept free of imports that an old Node cannot load, so that it can say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
	console.error(`deploymill needs Node 22.19 or newer; this is Node ${process.versions.node} (${process.execPath}).`);
	process.exit(2);
}
// With it docker-modem prints every request on stderr, the registry's password in its headers, past all masking.
delete process.env.DEBUG;
const { useCompileCache } = await import("./adapters/compile-cache.ts");
useCompileCache(process.env);
const { main } = await import("./commands/main.ts");
await main(process.argv);
