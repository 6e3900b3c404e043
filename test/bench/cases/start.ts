// Measures what every call and every deployment pays before it does anything: the start of a server and of a worker.
import { program } from "../../support/deploymill.ts";
import { type EmptyFolder, helloServer, openEmptyFolder } from "../empty-folder.ts";
import { recordHistory } from "../history-file.ts";
import { median, medianOf, milliseconds, ratioOf, rounds } from "../pairs.ts";
import { runTime, startServer } from "../processes.ts";
import type { Case, Row } from "../row.ts";

export const start: Case = {
	name: "start",
	needsSandbox: false,
	async run(tell) {
		await using folder = await openEmptyFolder();
		return measure(folder, tell);
	},
};

async function measure({ env, dataFolder }: EmptyFolder, tell: (progress: string) => void): Promise<Row[]> {
	// Makes the data folder; the first process of each kind then leaves what Node compiled, as it does on a user's machine.
	await startServer([program.file], env);
	const { newest } = recordHistory(dataFolder, "hello", 1);
	const all = await rounds(15, tell, async () => {
		const nothing = await runTime(["-e", "0"], env);
		const worker = await runTime([program.file, "worker", newest], env);
		const helloStart = await startServer([helloServer], env);
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
