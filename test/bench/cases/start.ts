// Measures what every call and every deployment pays before it does anything: the start of a server and of a worker.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../support/deploymill.ts";
import { recordHistory } from "../history-file.ts";
import { median, medianOf, milliseconds, ratioOf, rounds } from "../pairs.ts";
import { runTime, startServer } from "../processes.ts";
import type { Case, Row } from "../row.ts";

const hello = join(import.meta.dirname, "../programs/hello-server.mjs");

export const start: Case = {
	name: "start",
	needsSandbox: false,
	async run(tell) {
		const folder = await mkdtemp(join(tmpdir(), "deploymill-bench-"));
		try {
			return await measure(folder, tell);
		} finally {
			await rm(folder, { recursive: true });
		}
	},
};

async function measure(folder: string, tell: (progress: string) => void): Promise<Row[]> {
	const env = {
		PATH: process.env.PATH ?? "",
		HOME: folder,
		DEPLOYMILL_DATA_DIR: join(folder, "data"),
		DOCKER_HOST: `unix://${join(folder, "no.sock")}`,
		DEPLOYMILL_LOG_LEVEL: "error",
	};
	// Makes the data folder; the first process of each kind then leaves what Node compiled, as it does on a user's machine.
	await startServer([program.file], env);
	const { newest } = recordHistory(join(folder, "data"), "hello", 1);
	const workerEnv = { ...env };
	const all = await rounds(15, tell, async () => {
		const nothing = await runTime(["-e", "0"], env);
		const worker = await runTime([program.file, "worker", newest], workerEnv);
		const helloStart = await startServer([hello], env);
		const ourStart = await startServer([program.file], env);
		return {
			nothing,
			worker,
			hello: helloStart.initializedMs,
			server: ourStart.initializedMs,
			helloMemory: helloStart.megabytes,
			serverMemory: ourStart.megabytes,
		};
	});
	const ms = (name: keyof (typeof all)[number]) => milliseconds(medianOf(all, name));
	const mb = (name: "helloMemory" | "serverMemory") => `${median(all.map((round) => round[name])).toFixed(0)} MB`;
	return [
		{
			what: "a worker process, before it does anything",
			ours: ms("worker"),
			against: `\`node -e 0\`: ${ms("nothing")}`,
			ratio: ratioOf(all, "worker", "nothing"),
			aim: "<= 3",
			note: "a worker whose deployment is over: it opens the database, sees that, and ends",
		},
		{
			what: "server: start to answered `initialize`",
			ours: ms("server"),
			against: `hello-world of the same SDK: ${ms("hello")}`,
			ratio: ratioOf(all, "server", "hello"),
			aim: "<= 0.9",
		},
		{
			what: "server: resident memory after `tools/list`",
			ours: mb("serverMemory"),
			against: `hello-world: ${mb("helloMemory")}`,
			ratio: ratioOf(all, "serverMemory", "helloMemory"),
			aim: "<= 1.1",
		},
	];
}
