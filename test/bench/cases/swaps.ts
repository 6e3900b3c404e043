// Counts the requests that are lost while an app's tasks are swapped again and again, by deploymill and by the bare engine.
import { BenchApp, judged, type Version } from "../app.ts";
import type { Case, Row } from "../row.ts";
import { SteadyVisitors } from "../steady-visitors.ts";

const swapCount = 20;
const perSecond = 200;
/** Finishes open requests when it is told to stop, as a server should. */
const behaviour = { drain: true };

export const swaps: Case = {
	name: "swaps",
	needsSandbox: true,
	async run(tell) {
		return [await count("with the health block", judged, tell), await count("without it", null, tell)];
	},
};

async function count(how: string, health: object | null, tell: (progress: string) => void): Promise<Row> {
	await using app = await BenchApp.open({ health }, [
		{ version: "one", ...behaviour },
		{ version: "two", ...behaviour },
	]);
	await app.makeTwin();
	const byUs = await lostAt(app, app.repo.host, async ({ rollbackId }) => {
		const { outcome } = await app.server.deployment("rollback", { applicationId: app.applicationId, rollbackId });
		if (outcome !== "live") throw new Error(`a rollback ended ${outcome}`);
	});
	tell(`${how}: deploymill lost ${byUs.lost.length} of ${byUs.visits}`);
	const bare = await lostAt(app, app.twinHost, async ({ image }) => {
		await app.updateTwin(image);
		await app.twinIsSettled();
	});
	tell(`${how}: the bare engine lost ${bare.lost.length} of ${bare.visits}`);
	for (const lost of [...byUs.lost, ...bare.lost]) tell(`${how}: ${lost}`);
	return {
		what: `requests lost over ${swapCount} swaps at ${perSecond} a second, ${how}`,
		ours: `${byUs.lost.length} of ${byUs.visits}`,
		against: `raw API updates, same spec: ${bare.lost.length} of ${bare.visits}`,
		...(health ? { aim: "0" } : {}),
	};
}

async function lostAt(app: BenchApp, host: string, swap: (version: Version) => Promise<void>): Promise<SteadyVisitors> {
	await using visitors = new SteadyVisitors(app.bed.sandbox.edgeAddress, host, perSecond);
	const [one, two] = app.versions as [Version, Version];
	for (let index = 0; index < swapCount; index++) await swap(index % 2 === 0 ? one : two);
	await visitors.leave();
	return visitors;
}
