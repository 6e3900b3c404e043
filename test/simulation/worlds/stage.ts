// Sets a world up from its plan: the Swarm, the data folders with their applications, and what runs at the beginning.
import { parseProjectFile, projectFilePath } from "../../../src/config/project.ts";
import { reconcile } from "../../../src/engine/reconcile/reconcile.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { makeImage } from "../images/image.ts";
import { Witness } from "../rules/witness.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { CallObserver } from "../world/port-calls.ts";
import { type Observed, SimulatedProcess } from "../world/process.ts";
import { putLive } from "../world/put-live.ts";
import { World } from "../world/world.ts";
import { commitOf, releaseHeader } from "./apps.ts";
import type { AppName, Folder, Setup, WorldPlan } from "./plan.ts";

/** One data folder in a world, and who works from it. */
export interface Home {
	name: string;
	folder: DataFolder;
	applicationId: string;
	repoUrl: string;
	witness: Witness;
	/** Nothing befalls it: it looks now and then, and settles what others left. */
	onlooker: SimulatedProcess;
	/** Makes the calls of clients. */
	server: SimulatedProcess;
	commit(app: AppName): void;
}

export interface Stage extends Disposable {
	world: World;
	plan: WorldPlan;
	homes: Home[];
	/** Asked and told of every call from the beginning of the acts on. */
	readonly director: Partial<CallObserver>;
}

/** Of an image that no deploymill made. */
const foreignImage = makeImage("foreign", {});

export function homeOf({ homes }: Stage, folder: Folder): Home {
	return homes[folder] ?? (homes[0] as Home);
}

/** The newest that was asked for. */
export function newestOf({ folder, applicationId }: Home): Deployment | undefined {
	return folder.store.listDeployments(applicationId, 5).find(({ kind }) => kind !== "auto_rollback");
}

export async function setUp(plan: WorldPlan): Promise<Stage> {
	const { setup } = plan;
	const world = new World(setup.nodes);
	world.ingress.drains = setup.drains;
	world.registry.take(foreignReference(world), foreignImage, world.registry.credentials);
	const stage: Stage = { world, plan, homes: [], director: {}, [Symbol.dispose]: () => world[Symbol.dispose]() };
	stage.homes.push(openHome(stage, "north", "hello"));
	if (setup.folders === "two applications") stage.homes.push(openHome(stage, "south", "other"));
	for (const home of stage.homes) await world.clock.run(begin(world, home, setup));
	if (setup.folders === "two of one application") {
		const home = openHome(stage, "south", "hello");
		stage.homes.push(home);
		await world.clock.run(adopt(home));
	}
	return stage;
}

export function foreignReference({ registry }: World): string {
	return `${registry.host}/foreign@${foreignImage.digest}`;
}

export async function adopt({ onlooker, repoUrl }: Home): Promise<void> {
	await reconcile(onlooker.engine, { repoUrl, dryRun: false, prune: false, requestedBy: "a team" });
}

/** The server of a home, or another where it ended. */
export function newServer(stage: Stage, { name, folder }: Pick<Home, "name" | "folder">, witness: Witness): SimulatedProcess {
	return new SimulatedProcess(stage.world, `${name}'s server`, folder, observe(stage, witness));
}

/** @param quiet name of a process whose own calls go well; the workers that it starts are like any other */
function observe({ director }: Stage, witness: Witness, quiet?: string): Observed {
	return {
		meet: (call) => (call.process === quiet ? undefined : director.meet?.(call)),
		turnsAt: (call) => director.turnsAt?.(call),
		around: (call, make) => (director.around ? director.around(call, make) : make(...call.args)),
		saw: (call, outcome) => {
			witness.saw(call, outcome);
			director.saw?.(call, outcome);
		},
	};
}

function openHome(stage: Stage, name: string, applicationId: string): Home {
	const { world, plan } = stage;
	const folder = world.openFolder();
	const witness = new Witness(world, folder, applicationId);
	const repoUrl = `https://git.test/${applicationId}.git`;
	const files = { [projectFilePath]: projectFile(applicationId, plan.setup) };
	const quiet = `${name}'s onlooker`;
	const onlooker = new SimulatedProcess(world, quiet, folder, observe(stage, witness, quiet));
	const server = newServer(stage, { name, folder }, witness);
	const commit = (app: AppName) => world.repositories.commit(repoUrl, commitOf(app, plan.setup.namesItself, files));
	return { name, folder, applicationId, repoUrl, witness, onlooker, server, commit };
}

async function begin(world: World, home: Home, { begins, namesItself }: Setup): Promise<void> {
	const { folder, repoUrl, applicationId, onlooker } = home;
	home.commit("good");
	const { text = "" } = await world.repositories.readFile(repoUrl, undefined, projectFilePath);
	folder.store.registerApplication(repoUrl, [applicationId], parseProjectFile(text).config, "c1");
	const releases: AppName[] = begins === "nothing" ? [] : begins === "a release" ? ["good"] : ["good", "better"];
	for (const app of releases) await putLive(world, folder, onlooker, commitOf(app, namesItself, { [projectFilePath]: text }));
}

function projectFile(applicationId: string, { replicas, volume, rollback, bake, namesItself }: Setup): string {
	const modes = { off: false, on: true, auto: "auto" } as const;
	return JSON.stringify({
		version: 2,
		name: applicationId,
		workload: "web",
		port: 3000,
		domains: { prod: `${applicationId}.test` },
		rollback: modes[rollback],
		replicas,
		health: {
			path: "/healthz",
			retries: 2,
			intervalMs: 1_000,
			timeoutMs: 1_000,
			bake,
			...(namesItself ? { releaseHeader } : {}),
		},
		mounts: volume ? [{ volumeName: `${applicationId}-data`, mountPath: "/data" }] : [],
	});
}
