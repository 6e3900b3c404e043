// Measures a deploy whose build is cached but for the app's own files, against the same steps by shell.
import { BenchApp, judged } from "../app.ts";
import { servedAt } from "../edge.ts";
import { medianOf, ratioOf, rounds, seconds, timed } from "../pairs.ts";
import { phasesOf, toldPhases } from "../phases.ts";
import type { Case, Row } from "../row.ts";
import { shellDeploy } from "../shell-deploy.ts";

const pairs = 5;

export const deploy: Case = {
	name: "deploy",
	needsSandbox: true,
	async run(tell) {
		await using app = await BenchApp.open({ health: judged }, [{ version: "one" }]);
		await app.makeTwin();
		return toRows(await measure(app, tell));
	},
};

async function measure(app: BenchApp, tell: (progress: string) => void) {
	return rounds(pairs, tell, async (index) => {
		const ours = `ours-${index}`;
		await app.repo.commit(ours, { behaviour: { version: ours } });
		const call = await app.measureCall("deploy", {}, ours);
		if (call.deployment.outcome !== "live") throw new Error(JSON.stringify(call.deployment));
		const theirs = `theirs-${index}`;
		await app.repo.commit(theirs, { behaviour: { version: theirs } });
		const began = performance.now();
		let shellAnswer = 0;
		const byShell = async () => {
			shellAnswer = await timed(() => app.shell(shellDeploy(app, theirs)));
		};
		const [edgeAt] = await Promise.all([servedAt(app.bed.ingress, app.twinHost, theirs), byShell()]);
		await app.twinIsSettled();
		return { ...phasesOf(call.deployment), ourEdge: call.edgeMs, ourAnswer: call.answerMs, shellEdge: edgeAt - began, shellAnswer };
	});
}

function toRows(all: Awaited<ReturnType<typeof measure>>): Row[] {
	const s = (name: keyof (typeof all)[number]) => seconds(medianOf(all, name));
	return [
		{
			what: "`deploy`, warm cache: call to the edge serving it",
			ours: s("ourEdge"),
			against: `shell (clone, build, push, update): ${s("shellEdge")}`,
			ratio: ratioOf(all, "ourEdge", "shellEdge"),
			aim: "<= 1.2",
		},
		{
			what: "`deploy`, warm cache: call to the answer",
			ours: s("ourAnswer"),
			against: `the same by shell, attached: ${s("shellAnswer")}`,
			ratio: ratioOf(all, "ourAnswer", "shellAnswer"),
			aim: "<= 0.85",
			note: `its phases: ${toldPhases(all)}`,
		},
	];
}
