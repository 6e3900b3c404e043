// Measures how soon a bad version is refused or taken back, against the same steps by shell.
import type { Behaviour } from "../../support/behaviour.ts";
import { BenchApp, judged } from "../app.ts";
import { sightingsOf } from "../edge.ts";
import { medianOf, ratioOf, rounds, seconds, timed } from "../pairs.ts";
import { phasesOf, toldPhases } from "../phases.ts";
import type { Case, Row } from "../row.ts";
import { shellDeploy } from "../shell-deploy.ts";

const pairs = 3;
/** Swarm's least, as the health block here makes it: the twin has the very same. */
const monitorMs = 1_000;

const refused: { what: string; behaviour: Omit<Behaviour, "version"> }[] = [
	{ what: "crashes at its start", behaviour: { exit: { code: 3, words: "cannot start" } } },
	{ what: "fails the container's check", behaviour: { health: { default: [500] } } },
];
const illAtTheEdges = { health: { default: [500], "127.0.0.1": [200] } };

export const refusals: Case = {
	name: "refusals",
	needsSandbox: true,
	async run(tell) {
		await using app = await BenchApp.open({ health: judged }, [{ version: "good" }]);
		await app.makeTwin(monitorMs);
		const rows: Row[] = [];
		for (const [index, { what, behaviour }] of refused.entries()) {
			rows.push(await measureRefusal(app, what, { ...behaviour, version: `refused-${index}` }, tell));
		}
		return [...rows, ...(await measureRevert(app, tell))];
	},
};

async function measureRefusal(app: BenchApp, what: string, behaviour: Behaviour, tell: (progress: string) => void): Promise<Row> {
	const commit = (version: string) => app.repo.commit(version, { behaviour: { ...behaviour, version } });
	const all = await rounds(pairs, tell, async (index) => {
		await commit(`${behaviour.version}-ours-${index}`);
		const began = performance.now();
		const deployment = await app.server.deployment("deploy", { applicationId: app.applicationId });
		const ours = performance.now() - began;
		if (deployment.outcome !== "orchestrator_rolled_back") throw new Error(`a version that ${what} ended ${deployment.outcome}`);
		const tag = `${behaviour.version}-theirs-${index}`;
		await commit(tag);
		// It ends with an error, as it should.
		const shell = await timed(() => app.shell(`${shellDeploy(app, tag)} || true`));
		await app.twinIsSettled();
		return { ...phasesOf(deployment), ours, shell };
	});
	return {
		what: `\`deploy\` of a version that ${what}: call to the answer`,
		ours: seconds(medianOf(all, "ours")),
		against: `the same by shell, same spec: ${seconds(medianOf(all, "shell"))}`,
		ratio: ratioOf(all, "ours", "shell"),
		note: `its phases: ${toldPhases(all)}`,
	};
}

/** Nothing but deploymill asks the edges, so there is nothing to compare it with. */
async function measureRevert(app: BenchApp, tell: (progress: string) => void): Promise<Row[]> {
	const all = await rounds(pairs, tell, async (index) => {
		const version = `ill-${index}`;
		await app.repo.commit(version, { behaviour: { version, ...illAtTheEdges } });
		const began = performance.now();
		const call = app.server.deployment("deploy", { applicationId: app.applicationId });
		const { firstAt, lastAt } = await sightingsOf(app.bed.ingress, app.repo.host, version, call);
		const deployment = await call;
		if (deployment.outcome !== "rolled_back") throw new Error(`a version that is ill at its edges ended ${deployment.outcome}`);
		const [right, wrong] = [lastAt - began, lastAt - firstAt];
		return { ...phasesOf(deployment), right, wrong, answer: performance.now() - began };
	});
	const s = (name: "right" | "wrong" | "answer") => seconds(medianOf(all, name));
	return [
		{
			what: "`deploy` of a version that is ill at its edges: call to the last answer of it",
			ours: s("right"),
			note: `from its first answer to its last ${s("wrong")}`,
		},
		{
			what: "`deploy` of a version that is ill at its edges: call to the answer",
			ours: s("answer"),
			note: `its phases: ${toldPhases(all)}, and then the revert; both wait for the tasks before them to end`,
		},
	];
}
