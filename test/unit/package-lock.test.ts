// npm writes an incomplete lock file where its registry lacks packages for other platforms, and npm 11 then refuses `npm ci`.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LockedPackage {
	resolved?: string;
	optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
	packages: Record<string, LockedPackage>;
};

test("every optional dependency of every package is locked, whatever the platform", () => {
	const wanted = Object.values(packages).flatMap((item) => Object.keys(item.optionalDependencies ?? {}));
	const missing = wanted.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
	expect(missing).toEqual([]);
});

test("no address of a registry is locked", () => {
	expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
