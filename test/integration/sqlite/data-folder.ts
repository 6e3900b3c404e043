// Makes a data folder for one test, the records put into it, and processes that share it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type SqliteStore } from "../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import type { Hold, NewDeployment } from "../../../src/engine/ports/store.ts";
import type { ApplicationConfig } from "../../../src/model/application.ts";

export class DataFolder implements Disposable {
	readonly root = mkdtempSync(join(tmpdir(), "deploymill-sqlite-"));
	readonly folder = join(this.root, "data");
	readonly databaseFile = join(this.folder, "deploymill.db");
	readonly keyFile = join(this.folder, "key");
	readonly secrets: string[] = [];
	readonly #stores: SqliteStore[] = [];

	open(): SqliteStore {
		const store = openStore(this.databaseFile, this.keyFile, (value) => this.secrets.push(value), systemClock);
		this.#stores.push(store);
		return store;
	}

	/** All that stands in the folder's files, as one text. */
	bytes(): string {
		const files = readdirSync(this.folder).filter((name) => name !== "key");
		return files.map((name) => readFileSync(join(this.folder, name), "latin1")).join("");
	}

	/** Ends all that was opened, as when the process ends. */
	close(): void {
		for (const store of this.#stores.splice(0)) store.close();
	}

	[Symbol.dispose](): void {
		this.close();
		rmSync(this.root, { recursive: true, force: true });
	}
}

export const config: ApplicationConfig = {
	name: "Hello",
	workload: "worker",
	domains: [],
	rollback: { enabled: true, auto: false },
	health: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
	healthDeclared: false,
	mounts: [],
	resources: {},
	replicas: 1,
	build: { dockerfile: "Dockerfile", context: ".", args: {} },
	migrations: [],
};

/** Registers the application `hello`. */
export function register(store: SqliteStore): void {
	store.registerApplication("https://git.example.com/hello.git", ["hello"], config, "c0ffee");
}

/** What a test's process holds `hello` by. */
export function holdOf(deploymentId: string, owner = "a test"): Hold {
	return { applicationId: "hello", deploymentId, owner };
}

export function newDeployment(deploymentId: string, over: Partial<NewDeployment> = {}): NewDeployment {
	return { deploymentId, applicationId: "hello", kind: "deploy", request: {}, requestedBy: "a test", facts: {}, ...over };
}

/** A running deployment of `hello`, held by the test. */
export function begin(store: SqliteStore, deploymentId: string): Hold {
	const newest = store.listDeployments("hello", 1)[0]?.sequence ?? 0;
	const begun = store.beginDeployment(newDeployment(deploymentId), newest, 60_000);
	if (begun.state !== "begun") throw new Error(`${deploymentId} was not begun: ${begun.state}`);
	const hold = holdOf(deploymentId);
	store.renewLock(hold, 60_000);
	return hold;
}

/** Ends it, and gives the lock back. */
export function end(store: SqliteStore, deploymentId: string): void {
	store.finishDeployments(holdOf(deploymentId), [{ deploymentId, end: { status: "done", outcome: "live" } }]);
}

/**
 * Runs `script` in so many node processes at once, each with `store`, `who` (0, 1, …) and the data folder open, and
 * returns the JSON that each gave to `answer`. They wait for each other, so that they really meet.
 */
export async function inProcesses(folder: DataFolder, count: number, script: string): Promise<unknown[]> {
	const source = `
		import { openStore } from ${JSON.stringify(new URL("../../../src/adapters/sqlite/store.ts", import.meta.url).href)};
		import { systemClock } from ${JSON.stringify(new URL("../../../src/adapters/system-clock.ts", import.meta.url).href)};
		const [databaseFile, keyFile, index, config] = JSON.parse(process.argv[1]);
		const who = Number(index);
		const answer = (value) => process.stdout.write(JSON.stringify(value ?? null));
		process.stdout.write("ready\\n");
		await new Promise((resolve) => process.stdin.once("data", resolve));
		process.stdin.unref();
		const store = openStore(databaseFile, keyFile, () => undefined, systemClock);
		${script}
		store.close();`;
	const children = Array.from({ length: count }, (_, who) => {
		const args = JSON.stringify([folder.databaseFile, folder.keyFile, who, config]);
		return spawn(process.execPath, ["--input-type=module", "-e", source, args], { stdio: ["pipe", "pipe", "inherit"] });
	});
	await Promise.all(children.map((child) => once(child.stdout, "data")));
	const answers = children.map(async (child) => {
		let text = "";
		child.stdout.on("data", (bytes: Buffer) => {
			text += bytes.toString();
		});
		const [code] = (await once(child, "close")) as [number | null];
		if (code !== 0) throw new Error(`a process ended with ${code}`);
		return JSON.parse(text) as unknown;
	});
	for (const child of children) child.stdin.end("go\n");
	return Promise.all(answers);
}
