// Measures twenty applications that are deployed at once by four clients, against the same by shell.
import { BenchApp, judged } from "../app.ts";
import { medianOf, ratioOf, rounds, seconds, timed } from "../pairs.ts";
import type { Case } from "../row.ts";
import { shellDeploy } from "../shell-deploy.ts";

const applications = 20;
const clients = 4;
const pairs = 2;

export const many: Case = {
	name: "many",
	needsSandbox: true,
	async run(tell) {
		await using crowd = await BenchCrowd.open(tell);
		const all = await rounds(pairs, tell, async (index) => {
			await crowd.commit(`ours-${index}`);
			const ours = await timed(() => crowd.deploy());
			await crowd.commit(`theirs-${index}`);
			const shell = await timed(() => crowd.deployByShell(`theirs-${index}`));
			return { ours, shell };
		});
		return [
			{
				what: `${applications} applications deployed at once by ${clients} clients: first call to the last answer`,
				ours: seconds(medianOf(all, "ours")),
				against: `the same by shell, ${applications} at once: ${seconds(medianOf(all, "shell"))}`,
				ratio: ratioOf(all, "ours", "shell"),
			},
		];
	},
};

/** Every client is a server of its own on one data folder, as several people have. */
class BenchCrowd implements AsyncDisposable {
	readonly #apps: BenchApp[];

	private constructor(apps: BenchApp[]) {
		this.#apps = apps;
	}

	static async open(tell: (progress: string) => void): Promise<BenchCrowd> {
		const apps: BenchApp[] = [];
		for (let count = 1; count <= applications; count++) {
			const [first] = apps;
			const server = apps.length < clients ? undefined : apps[apps.length % clients]!.server;
			const beside = first && { bed: first.bed, cli: first.cli, server, label: `app-${count}` };
			const app = await BenchApp.open({ health: judged }, [{ version: "one" }], beside);
			await app.makeTwin();
			apps.push(app);
			tell(`${count} of ${applications} apps are live, with their twins`);
		}
		return new BenchCrowd(apps);
	}

	async commit(version: string): Promise<void> {
		for (const app of this.#apps) await app.repo.commit(version, { behaviour: { version } });
	}

	async deploy(): Promise<void> {
		await Promise.all(
			this.#apps.map(async ({ server, applicationId }) => {
				const { outcome } = await server.deployment("deploy", { applicationId });
				if (outcome !== "live") throw new Error(`${applicationId} ended ${outcome}`);
			}),
		);
	}

	async deployByShell(tag: string): Promise<void> {
		await Promise.all(this.#apps.map((app) => app.shell(shellDeploy(app, tag))));
		for (const app of this.#apps) await app.twinIsSettled();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#apps[0]?.[Symbol.asyncDispose]();
	}
}
