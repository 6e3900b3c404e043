// Measures what a server costs that nobody calls: processor time and wake-ups over a minute.
import { setTimeout as pause } from "node:timers/promises";
import { program } from "../../support/deploymill.ts";
import { helloServer, openEmptyFolder } from "../empty-folder.ts";
import { median, milliseconds } from "../pairs.ts";
import { type RunningServer, runServer } from "../processes.ts";
import type { Case } from "../row.ts";

const minutes = 3;
const minuteMs = 60_000;
/** What loads after the first answers is no part of it. */
const settleMs = 5_000;

type Used = Awaited<ReturnType<RunningServer["usage"]>>;

export const idle: Case = {
	name: "idle",
	needsSandbox: false,
	async run(tell) {
		await using folder = await openEmptyFolder();
		await using ours = await runServer([program.file], folder.env);
		await using hello = await runServer([helloServer], folder.env);
		await pause(settleMs);
		const rounds: { our: Used; their: Used }[] = [];
		for (let minute = 1; minute <= minutes; minute++) {
			const before = await Promise.all([ours.usage(), hello.usage()]);
			await pause(minuteMs);
			const after = await Promise.all([ours.usage(), hello.usage()]);
			const [our, their] = after.map((usage, index) => ({
				cpuMs: usage.cpuMs - before[index]!.cpuMs,
				wakeUps: usage.wakeUps - before[index]!.wakeUps,
			}));
			tell(`minute ${minute} of ${minutes}: ${JSON.stringify({ our, their })}`);
			rounds.push({ our: our!, their: their! });
		}
		const cpu = (who: "our" | "their") => milliseconds(median(rounds.map((round) => round[who].cpuMs)));
		const wakeUps = (who: "our" | "their") => median(rounds.map((round) => round[who].wakeUps)).toFixed(0);
		return [
			{
				what: "an idle server, a minute: processor time",
				ours: cpu("our"),
				against: `hello-world: ${cpu("their")}`,
				aim: "none of its own",
				note: "the kernel counts in steps of 10 ms",
			},
			{
				what: "an idle server, a minute: wake-ups of all its threads",
				ours: wakeUps("our"),
				against: `hello-world: ${wakeUps("their")}`,
				aim: "none of its own",
			},
		];
	},
};
