// Measures a cold deploy of a large context, and how much memory its worker takes for it.
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { workersOf } from "../../support/workers.ts";
import { BenchApp, judged } from "../app.ts";
import { seconds, timed } from "../pairs.ts";
import { memoryOf } from "../processes.ts";
import type { Case } from "../row.ts";
import { shellDeploy } from "../shell-deploy.ts";

const megabytes = 500;
const megabyte = 1024 * 1024;
const lookEveryMs = 50;

export const large: Case = {
	name: "large",
	needsSandbox: true,
	async run(tell) {
		await using app = await BenchApp.open({ health: judged }, [{ version: "small" }]);
		await app.makeTwin();
		const Dockerfile = 'FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nCMD ["node", "app.js"]\n';
		await fill(join(app.repo.repoUrl, "ours.bin"));
		await app.repo.commit("Large", { files: { Dockerfile }, behaviour: { version: "ours" } });
		tell(`deploying a context of ${megabytes} MB`);
		let outcome: string | undefined;
		const peak = new Peak(app.bed.dataFolder);
		const ours = await timed(async () => {
			({ outcome } = await app.server.deployment("deploy", { applicationId: app.applicationId, noCache: true }));
		});
		if (outcome !== "live") throw new Error(`the large deploy ended ${outcome}`);
		const worker = await peak.stop();
		await fill(join(app.repo.repoUrl, "ours.bin"));
		await app.repo.commit("As large, and another", { behaviour: { version: "theirs" } });
		tell("the same by shell");
		const shell = await timed(() => app.shell(shellDeploy(app, "theirs")));
		const ratio = ours / shell;
		return [
			{
				what: `cold \`deploy\` of a ${megabytes} MB context: call to the answer`,
				ours: seconds(ours),
				against: `the same by shell, attached: ${seconds(shell)}`,
				ratio: { median: ratio, lowest: ratio, highest: ratio, pairs: 1 },
			},
			{ what: `cold \`deploy\` of a ${megabytes} MB context: the worker's peak memory`, ours: `${worker.toFixed(0)} MB`, aim: "< 150 MB" },
		];
	},
};

/** With what nothing can compress. */
async function fill(path: string): Promise<void> {
	await using file = await open(path, "w");
	for (let count = 0; count < megabytes; count++) await file.write(randomBytes(megabyte));
}

/** The most memory that any worker on a data folder has held, in megabytes. */
class Peak {
	#megabytes = 0;
	#stopped = false;
	readonly #watching: Promise<void>;

	constructor(dataFolder: string) {
		this.#watching = this.#watch(dataFolder);
	}

	async stop(): Promise<number> {
		this.#stopped = true;
		await this.#watching;
		return this.#megabytes;
	}

	async #watch(dataFolder: string): Promise<void> {
		while (!this.#stopped) {
			for (const { pid } of await workersOf(dataFolder)) {
				// One that ended meanwhile was read before.
				const held = await memoryOf(pid, "VmHWM").catch(() => 0);
				if (held > this.#megabytes) this.#megabytes = held;
			}
			await pause(lookEveryMs);
		}
	}
}
