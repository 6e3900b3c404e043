// Watches over a release that is live and not yet trusted, without the application's lock, until it is trusted or to be taken back.
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts } from "../../model/deployment.ts";
import type { Edge, Health } from "../../model/health.ts";
import type { Probation } from "../../model/probation.ts";
import type { ObservedService } from "../../model/service.ts";
import { findApplication, findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { judgeEdges } from "../health/gate.ts";
import { edgeUrls, excusesOf } from "../health/known-edge.ts";
import { faultWords, isTransient, waitOut } from "../patience.ts";
import { type EdgeJudge, EdgeWatch, watchIntervalMs } from "../probation/edge-watch.ts";
import { happen } from "../probation/happen.ts";
import { gapWords, isBakeOver, isMostlyWatched, isTimeToConfirmOver, standingOf } from "../probation/record.ts";
import { type Happening, isOpen } from "../probation/standing.ts";
import { isAsJudged } from "../probation/tasks.ts";
import { EndedTasks } from "../rollout/ended-tasks.ts";
import type { Revision } from "../service/revision.ts";
import { lastLines } from "./last-lines.ts";
import { launchLeaseMs } from "./lease-times.ts";
import { isFailed } from "./revert.ts";
import { unwatchedWords, WatchLease } from "./watch-lease.ts";

/** True: the deployment is running again, and this worker is to take its release back. False: nothing is left to watch, or another does. */
export async function watchOver(engine: Engine, deploymentId: string): Promise<boolean> {
	const { clock, log } = engine;
	const onFault = (fault: unknown) => log.warn({ deploymentId, error: faultWords(fault) }, "the watch waits for an answer");
	const patience = { clock, signal: new AbortController().signal, onFault };
	using lease = await waitOut(patience, () => WatchLease.take(engine, deploymentId));
	if (!lease) return false;
	try {
		using watch = new Watch(engine, lease);
		return await watch.untilOver();
	} catch (error) {
		if (lease.signal.aborted) return false;
		throw error;
	}
}

/** `unknown`: Swarm could not be asked. */
type Seen = "as judged" | "changed" | "unknown";

class Watch implements Disposable {
	readonly #engine: Engine;
	readonly #lease: WatchLease;
	readonly #deployment: Deployment;
	readonly #ours: Revision;
	readonly #ended: EndedTasks;
	#edges: EdgeWatch | undefined;
	/** As it was seen last. */
	#service: ObservedService | undefined;
	/** Up to when it is written down that nothing could be seen; undefined while something can. */
	#blindMs: number | undefined;

	constructor(engine: Engine, lease: WatchLease) {
		this.#engine = engine;
		this.#lease = lease;
		this.#deployment = findDeployment(engine.store, lease.deploymentId);
		this.#ours = { image: this.#deployment.image?.reference ?? "", deploymentId: lease.deploymentId };
		this.#ended = new EndedTasks(this.#ours, lease.record.endedBefore);
	}

	/** @throws the lease's reason when it is over */
	async untilOver(): Promise<boolean> {
		const { signal } = this.#lease;
		for (;;) {
			signal.throwIfAborted();
			const { record } = this.#lease;
			if (!isOpen(standingOf(record))) return false;
			if (await this.#look(record)) return true;
			await this.#engine.clock.sleep(this.#untilNextLookMs(), signal);
		}
	}

	[Symbol.dispose](): void {
		this.#edges?.[Symbol.dispose]();
	}

	/** Not before its time: a deadline is looked at when it has come. */
	#untilNextLookMs(): number {
		const { bake, bakeEndsMs = 0, confirm, confirmEndsMs = 0 } = this.#lease.record;
		const now = this.#engine.clock.monotonic();
		const deadlines = [...(bake?.state === "running" ? [bakeEndsMs] : []), ...(confirm?.state === "awaiting" ? [confirmEndsMs] : [])];
		const left = deadlines.map((endsMs) => endsMs - now).filter((ms) => ms > 0);
		return Math.min(...left, watchIntervalMs(this.#lease.record.policy));
	}

	/** True: it is to be taken back. */
	async #look(record: Probation): Promise<boolean> {
		const isBaking = record.bake?.state === "running";
		const isUnconfirmed = isTimeToConfirmOver(record, this.#engine.clock.monotonic());
		if (!isBaking && !isUnconfirmed) return false;
		if (isBaking) this.#watchEdges();
		const askedMs = this.#engine.clock.monotonic();
		const seen = await this.#lookAtService();
		this.#noteBlindness(seen, askedMs);
		if (seen === "unknown") return this.#forgetEdges();
		if (seen === "changed") return this.#note("a hand changes the service", "somebody else changed the service");
		if (isUnconfirmed) return this.#distrustUnconfirmed();
		return this.#edges ? this.#judge(this.#edges, record) : false;
	}

	/** Those that were judged and that the application still has. What was seen of them while Docker was away says nothing: it may be us. */
	#watchEdges(): void {
		const application = this.#application;
		const urls = edgeUrls(application, this.#engine.settings.ingress.edgeScheme);
		const edges = (this.#deployment.health?.edges ?? []).filter(({ url }) => urls.includes(url));
		const watched = this.#edges?.health.edges.map(({ url }) => url);
		if (watched?.join() === edges.map(({ url }) => url).join()) return;
		this.#forgetEdges();
		const intervalMs = watchIntervalMs(this.#lease.record.policy);
		const judge: EdgeJudge = (...asked) => this.#judgeEdge(application, ...asked);
		this.#edges = new EdgeWatch({ clock: this.#engine.clock, edges, intervalMs, judge, signal: this.#lease.signal });
	}

	/** By the rules, the record and the excuses of the gate before it. */
	async #judgeEdge(application: Application, ...[url, onRound, signal]: Parameters<EdgeJudge>): Promise<Edge> {
		const { policy } = this.#lease.record;
		const { health } = await judgeEdges(this.#engine, {
			application: { ...application, config: { ...application.config, health: policy } },
			service: this.#service,
			baseline: excusesOf(this.#deployment),
			isFresh: false,
			urls: [url],
			intervalMs: watchIntervalMs(policy),
			onRound: (_url, isGood) => onRound(isGood),
			signal,
		});
		return health.edges[0] as Edge;
	}

	#forgetEdges(): false {
		this.#edges?.[Symbol.dispose]();
		this.#edges = undefined;
		return false;
	}

	async #lookAtService(): Promise<Seen> {
		const { swarm } = this.#engine;
		const { applicationId } = this.#deployment;
		try {
			const [service, tasks] = await Promise.all([swarm.inspectService(applicationId), swarm.listTasks(applicationId)]);
			this.#service = service;
			this.#ended.note(tasks);
			return isAsJudged(service, this.#ours, this.#lease.record.tasksFingerprint) ? "as judged" : "changed";
		} catch (fault) {
			if (!isTransient(fault)) throw fault;
			this.#say(`Swarm cannot be looked at (${faultWords(fault)}); looking again`);
			return "unknown";
		}
	}

	/** Answers count only while Swarm can be looked at too: what was not looked at was not watched. */
	#noteBlindness(seen: Seen, askedMs: number): void {
		const now = this.#engine.clock.monotonic();
		if (this.#blindMs !== undefined || seen === "unknown") this.#lease.missed(now - (this.#blindMs ?? askedMs));
		this.#blindMs = seen === "unknown" ? now : undefined;
	}

	async #judge(edges: EdgeWatch, record: Probation): Promise<boolean> {
		if (edges.isFailing(this.#haveEndedTwice ? 1 : 0)) return this.#distrustBake(edges.health);
		if (!isBakeOver(record, this.#engine.clock.monotonic())) return false;
		const health = await edges.settled();
		// Their answers came meanwhile, and so may somebody's change: the next look is of what is there then.
		if ((await this.#lookAtService()) !== "as judged" || edges.isFailing(this.#haveEndedTwice ? 1 : 0)) return false;
		if (health.verdict === "unhealthy" || this.#haveEndedTwice) return this.#distrustBake(health);
		if (health.verdict === "inconclusive") return this.#note("its bake is over, unwatched", "no edge could be judged at its end");
		const { record: now } = this.#lease;
		if (!isMostlyWatched(now)) return this.#note("its bake is over, unwatched", unwatchedWords);
		return this.#note("its bake is over, watched", gapWords(now));
	}

	/** It is taken back where that is armed and every edge that can be judged failed. */
	async #distrustBake(health: Health): Promise<boolean> {
		const tasksEnded = this.#haveEndedTwice;
		const because = bakeWords(health, tasksEnded);
		// A worker has nothing that could be judged: its bake alone tells.
		if (health.edges.length === 0) return this.#note("it fails its bake and stays", because);
		const facts: DeploymentFacts = {
			health: { ...health, verdict: "unhealthy" },
			...(await lastLines(this.#engine, this.#deployment.applicationId, this.#ours)),
			distrusted: { because: "bake", tasksEnded },
		};
		// By the rule that the revert goes by: what it takes back waits for no confirmation.
		const isReverted = this.#deployment.kind === "deploy" && this.#application.config.rollback.auto && isFailed(health, tasksEnded);
		const happening = isReverted ? "it fails its bake and is reverted" : "it fails its bake and stays";
		return this.#reopen(happening, because, facts, ({ bake }) => bake?.state === "running");
	}

	#distrustUnconfirmed(): boolean {
		const because = "it was not confirmed in time";
		const facts: DeploymentFacts = { distrusted: { because: "not_confirmed" } };
		return this.#reopen("its time to be confirmed is over", because, facts, ({ confirm }) => confirm?.state === "awaiting");
	}

	/**
	 * All at once, or nothing where somebody was faster. False also where the application is held for a moment: it is tried again at the
	 * next look.
	 */
	#reopen(happening: Happening, because: string, facts: DeploymentFacts, isStillSo: (record: Probation) => boolean): boolean {
		const { store } = this.#engine;
		const lease = this.#lease;
		const isReopened = store.decide(() => {
			lease.renew();
			if (lease.signal.aborted || !isStillSo(lease.record)) return false;
			if (!store.reopenToTakeBack(lease.deploymentId, facts, launchLeaseMs)) return false;
			happen(store, lease.deploymentId, happening, { because });
			return true;
		});
		if (isReopened) this.#say(`${happening}: ${because}`);
		return isReopened;
	}

	/** Nothing where somebody was faster: what is seen then is what they did. */
	#note(happening: Happening, because: string | undefined): false {
		this.#lease.renew();
		if (this.#lease.signal.aborted) return false;
		happen(this.#engine.store, this.#lease.deploymentId, happening, because === undefined ? {} : { because });
		this.#say(because === undefined ? happening : `${happening}: ${because}`);
		this.#lease.renew();
		return false;
	}

	/** A replica that did so once was replaced; twice, it does not stay up. */
	get #haveEndedTwice(): boolean {
		return this.#ended.mostInOneReplica > 1;
	}

	/** Read anew: a reconcile may come in between. */
	get #application() {
		return findApplication(this.#engine.store, this.#deployment.applicationId);
	}

	#say(text: string): void {
		const { logs, clock } = this.#engine;
		logs.open(this.#deployment.deploymentId).own(`${new Date(clock.now()).toISOString()} ${text}`);
	}
}

function bakeWords({ edges }: Health, tasksEnded: boolean): string {
	const bad = edges.filter(({ verdict }) => verdict === "unhealthy");
	const failed = bad.length === 0 ? [] : [`${bad.length} of ${edges.length} edges failed (${bad[0]?.error ?? "no reason is known"})`];
	return [...failed, ...(tasksEnded ? ["a task ended twice"] : [])].join("; ");
}
