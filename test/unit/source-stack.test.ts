import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { withSources } from "../../src/source-stack.ts";

/** The second line of main.js came from line 2, column 3 of src/main.ts. */
const map = { version: 3, file: "main.js", sources: ["../src/main.ts"], names: [], mappings: ";AACE" };

function bundle(): string {
	const folder = mkdtempSync(join(tmpdir(), "deploymill-bundle-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, "main.js.map"), JSON.stringify(map));
	writeFileSync(join(folder, "broken.js.map"), "{");
	return `${pathToFileURL(folder).href}/`;
}

test("a place in the bundle becomes one in the source", () => {
	const dist = bundle();
	const stack = `Error: why\n    at go (${dist}main.js:2:1)\n    at async ${dist}main.js:2:1`;
	expect(withSources(stack, dist)).toBe("Error: why\n    at go (src/main.ts:2:3)\n    at async src/main.ts:2:3");
});

test.each(["broken.js:2:1", "gone.js:2:1", "main.js:1:1"])("%s, of which no map knows, stays as it is", (place) => {
	const dist = bundle();
	expect(withSources(`at ${dist}${place}`, dist)).toBe(`at ${dist}${place}`);
});

test("only files of the bundle are looked for", () => {
	const [dist, other] = [bundle(), bundle()];
	expect(withSources(`at ${other}main.js:2:1`, dist)).toBe(`at ${other}main.js:2:1`);
});
