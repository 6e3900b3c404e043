import { generateKeyPairSync } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";
/** A pattern of 25,000 characters is one that V8 refuses, and its message is the pattern. */
const values: Record<string, string> = {
	LETTERS: Array.from({ length: 25_000 }, (_, at) => letters[(at * at + 7 * at + Math.floor(at / 26)) % 26]).join(""),
	PEM_BUNDLE: Array.from({ length: 12 }, () => privateKey()).join(""),
	CHINESE: Array.from({ length: 4_000 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 31) % 20_000))).join(""),
};
const bystander = "correct-horse-battery-staple";

describe("A long env value", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it("stays in, takes no other value out with it, and stops nothing", { timeout: 600_000 }, async () => {
		const server = await bed.server({ DEPLOYMILL_LOG_LEVEL: "trace" });
		const heard = listen(server);
		const other = await server.reconcile((await bed.project("bystander", { fixture: "worker" })).repoUrl);
		await server.ok("set_env_vars", { applicationId: other, set: { PASSWORD: bystander } });
		const repo = await bed.project("long", { fixture: "worker", files: telling(bystander) });
		const applicationId = await server.reconcile(repo.repoUrl);
		for (const [name, value] of Object.entries(values)) {
			expect(await server.ok("set_env_vars", { applicationId, set: { [name]: value } })).toMatchObject({ set: [name] });
			expect(await server.ok("get_logs", { applicationId: other })).toMatchObject({ source: "build" });
			expect(await server.ok("list_env_vars", { applicationId: other })).toMatchObject({ names: ["PASSWORD"] });
			expect(await server.refusal("deploy", { applicationId: "none" })).toMatchObject({ code: "application_not_found" });
		}
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		const built = await server.ok("get_logs", { applicationId, tail: 500 });
		expect(built.text).toContain("the bystander: ***");
		const runtime = await server.ok("get_logs", { applicationId, source: "runtime", tail: 500 });
		expect(runtime.text).toMatch(/LETTERS: \*\*\*/);
		expect(runtime.text).toMatch(/CHINESE: \*\*\*/);
		const left: Record<string, string> = { answers: heard.join("\n"), stderr: server.stderr };
		for (const name of await readdir(join(bed.dataFolder, "logs"))) left[name] = await readFile(join(bed.dataFolder, "logs", name), "utf8");
		expect(Object.keys(left).length).toBeGreaterThan(3);
		for (const [way, text] of Object.entries(left)) {
			for (const piece of piecesOf({ ...values, bystander }))
				expect(
					text.includes(piece),
					`${piece.slice(0, 20)} in ${way}: ${text.slice(Math.max(0, text.indexOf(piece) - 100), text.indexOf(piece) + 100)}`,
				).toBe(false);
		}
	});
});

function privateKey(): string {
	return generateKeyPairSync("ec", { namedCurve: "secp521r1" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** No part of 48 characters may get out either. */
function piecesOf(all: Record<string, string>): string[] {
	return Object.values(all)
		.flatMap((value) => {
			const lines = value.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
			return lines.flatMap((line) => Array.from({ length: Math.ceil(line.length / 48) }, (_, at) => line.slice(at * 48, at * 48 + 48)));
		})
		.filter((piece) => piece.length > 6);
}

function telling(secret: string): Record<string, string> {
	return {
		"worker.js": `for (const name of ["LETTERS", "PEM_BUNDLE", "CHINESE"]) console.log(name + ": " + process.env[name]);
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 60_000);
`,
		Dockerfile: `FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nRUN echo the bystander: ${secret}\nCMD ["node", "worker.js"]\n`,
	};
}

/** Every message that the server sends from here on, as it came. */
function listen(server: Deploymill): string[] {
	const heard: string[] = [];
	const { transport } = server.client;
	const inner = transport?.onmessage;
	if (!transport || !inner) throw new Error("the client is not connected");
	transport.onmessage = (message, extra) => {
		heard.push(JSON.stringify(message));
		inner(message, extra);
	};
	return heard;
}
