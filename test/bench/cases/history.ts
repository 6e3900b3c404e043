// Measures what a long history costs: listing it, choosing what to go back to, and taking the lock, after 1 k, 100 k and 1 M deployments.
import { join } from "node:path";
import { openStore } from "../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { readHistory } from "../../../src/engine/history/history.ts";
import { defaultTarget } from "../../../src/engine/history/targets.ts";
import { program } from "../../support/deploymill.ts";
import { openEmptyFolder } from "../empty-folder.ts";
import { recordHistory } from "../history-file.ts";
import { medianOf, milliseconds, ratioOf, rounds, timed } from "../pairs.ts";
import { runServer } from "../processes.ts";
import type { Case, Row } from "../row.ts";

const sizes = [1_000, 100_000, 1_000_000] as const;
const names = { 1000: "1 k", 100000: "100 k", 1000000: "1 M" };
type Size = (typeof sizes)[number];
const questions = { list: "`list_deployments`", target: "choosing a rollback's target", lock: "taking the lock, with the record" };
type Question = keyof typeof questions;
type Figures = Record<`${Question}${Size}`, number>;

export const history: Case = {
	name: "history",
	needsSandbox: false,
	async run(tell) {
		await using stack = new AsyncDisposableStack();
		const measured: ((figures: Figures) => Promise<void>)[] = [];
		for (const size of sizes) {
			tell(`recording ${names[size]} deployments`);
			const folder = stack.use(await openEmptyFolder());
			// Makes the data folder, and the compile cache that a user's servers find.
			await (await runServer([program.file], folder.env))[Symbol.asyncDispose]();
			recordHistory(folder.dataFolder, "hello", size);
			const server = stack.use(await runServer([program.file], folder.env));
			const store = openStore(join(folder.dataFolder, "deploymill.db"), join(folder.dataFolder, "key"), () => undefined, systemClock);
			stack.defer(() => store.close());
			let count = 0;
			measured.push(async (figures) => {
				figures[`list${size}`] = await timed(() => server.call("list_deployments", { applicationId: "hello" }));
				const live = { deploymentId: `dep-hello-${size}`, digest: "" };
				figures[`target${size}`] = await timed(async () => defaultTarget(readHistory(store, "hello"), live));
				figures[`lock${size}`] = await timed(async () => lockAndRecord(store, `dep-${++count}`));
			});
		}
		const all = await rounds(15, tell, async () => {
			const figures = {} as Figures;
			for (const measure of measured) await measure(figures);
			return figures;
		});
		return (Object.keys(questions) as Question[]).map((question): Row => {
			const ms = (size: Size) => milliseconds(medianOf(all, `${question}${size}`));
			return {
				what: `${questions[question]}, 1 M deployments recorded`,
				ours: ms(1_000_000),
				against: `with 1 k: ${ms(1_000)} (with 100 k: ${ms(100_000)})`,
				ratio: ratioOf(all, `${question}1000000`, `${question}1000`),
				aim: "<= 2",
			};
		});
	},
};

/** As a call begins a deployment; it is ended at once, so that the next round may. */
function lockAndRecord(store: ReturnType<typeof openStore>, deploymentId: string): void {
	const newestSeen = store.listDeployments("hello", 1)[0]?.sequence ?? 0;
	const deployment = { deploymentId, applicationId: "hello", kind: "deploy", request: {}, requestedBy: "bench", facts: {} } as const;
	const begun = store.beginDeployment(deployment, newestSeen, 60_000);
	if (begun.state !== "begun") throw new Error(`not begun: ${begun.state}`);
	const hold = { applicationId: "hello", deploymentId, owner: "bench" };
	store.renewLock(hold, 60_000);
	store.finishDeployments(hold, [{ deploymentId, end: { status: "error", outcome: "failed" } }]);
}
