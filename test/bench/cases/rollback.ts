// Measures a rollback: how soon the edge serves the old version again, and how soon that is told, against the bare engine.
import { BenchApp, judged, type Version } from "../app.ts";
import { servedAt } from "../edge.ts";
import { medianOf, ratioOf, rounds, seconds, timed } from "../pairs.ts";
import { phasesOf, toldPhases } from "../phases.ts";
import type { Case, Row } from "../row.ts";

const pairs = 5;

export const rollback: Case = {
	name: "rollback",
	needsSandbox: true,
	async run(tell) {
		await using app = await BenchApp.open({ health: judged }, [{ version: "one" }, { version: "two" }]);
		await app.makeTwin();
		const named = await openNamed(app);
		return toRows(await measure(app, named, tell));
	},
};

const header = "X-Release";

/** One whose answers name their release, so that nobody has to wait for old tasks to end. */
function openNamed({ bed, cli, server }: BenchApp): Promise<BenchApp> {
	const health = { ...judged, releaseHeader: header };
	const behaviours = ["one", "two"].map((version) => ({ version, named: { header } }));
	return BenchApp.open({ health }, behaviours, { bed, cli, server, label: "named" });
}

async function measure(app: BenchApp, named: BenchApp, tell: (progress: string) => void) {
	const [one, two] = app.versions as [Version, Version];
	const turns = [one, two];
	return rounds(pairs, tell, async (index) => {
		const [next, other] = index % 2 === 0 ? turns : turns.toReversed();
		const ours = await app.measureCall("rollback", { rollbackId: next!.rollbackId }, next!.version);
		const ourNamed = await named.measureCall("rollback", { rollbackId: named.versions[index % 2]!.rollbackId }, next!.version);
		for (const { deployment } of [ours, ourNamed]) {
			if (deployment.health?.verdict !== "healthy") throw new Error(JSON.stringify(deployment));
		}
		const rawEdge = await timedToEdge(app, next!.version, () => app.updateTwin(next!.image));
		await app.twinIsSettled();
		let cliAnswer = 0;
		const cliEdge = await timedToEdge(app, other!.version, async () => {
			cliAnswer = await timed(() => app.shell(`docker service rollback --quiet ${app.twinName}`));
		});
		await app.twinIsSettled();
		// As it was before the round: on the other one than the next round goes to.
		await app.updateTwin(next!.image);
		await servedAt(app.bed.ingress, app.twinHost, next!.version);
		await app.twinIsSettled();
		return {
			...phasesOf(ours.deployment),
			ourEdge: ours.edgeMs,
			ourAnswer: ours.answerMs,
			namedAnswer: ourNamed.answerMs,
			rawEdge,
			cliEdge,
			cliAnswer,
		};
	});
}

async function timedToEdge(app: BenchApp, version: string, change: () => Promise<void>): Promise<number> {
	const began = performance.now();
	const [at] = await Promise.all([servedAt(app.bed.ingress, app.twinHost, version), change()]);
	return at - began;
}

function toRows(all: Awaited<ReturnType<typeof measure>>): Row[] {
	const s = (name: keyof (typeof all)[number]) => seconds(medianOf(all, name));
	return [
		{
			what: "`rollback`: call to the edge serving the old version",
			ours: s("ourEdge"),
			against: `raw API update: ${s("rawEdge")} (\`docker service rollback\`: ${s("cliEdge")})`,
			ratio: ratioOf(all, "ourEdge", "rawEdge"),
			aim: "<= 1.25",
		},
		{
			what: "`rollback`: call to the answer with its verdict",
			ours: s("ourAnswer"),
			against: `\`docker service rollback\`, attached: ${s("cliAnswer")}`,
			ratio: ratioOf(all, "ourAnswer", "cliAnswer"),
			aim: "<= 0.8",
			note: `its phases: ${toldPhases(all)}; the twin has Swarm's default \`Monitor\` of 5 s, which the docker program waits for`,
		},
		{
			what: "`rollback` with `health.releaseHeader`: call to the answer with its verdict",
			ours: s("namedAnswer"),
			against: `without the header: ${s("ourAnswer")}`,
			ratio: ratioOf(all, "namedAnswer", "ourAnswer"),
			note: "without it no answer counts before the old tasks are gone",
		},
	];
}
