// Records what the stages of one run of the pipeline find out, beside the values that are fixed for it.
import { DeploymillError, errorMessage } from "../../errors.ts";
import { describeFault, faultNotice } from "../../fault.ts";
import type { Application } from "../../model/application.ts";
import type { DeploymentFacts, DeploymentKind, DeploymentRequest, Phase } from "../../model/deployment.ts";
import type { EdgeSighting } from "../../model/health.ts";
import type { Engine } from "../engine.ts";
import type { DeploymentLogWriter } from "../ports/deployment-logs.ts";
import type { BuildListener } from "../ports/images.ts";
import type { Hold, SwapJournal } from "../ports/store.ts";

/** What a run is from its beginning to its end. */
export interface RunValues {
	deploymentId: string;
	kind: DeploymentKind;
	application: Application;
	request: DeploymentRequest;
	/** Of a rollback and a revert: the point whose image is put back. */
	rollbackId?: string;
	hold: Hold;
	/** Aborted by a cancel that came before the swap, and when this process lost the application. */
	signal: AbortSignal;
	/** Makes sure, in the store, that this process still holds the application. @throws LockLost */
	ensureHeld: () => void;
}

type RunPorts = Pick<Engine, "store" | "logs" | "clock" | "ids" | "untrusted" | "log">;

export class Run {
	readonly values: RunValues;
	readonly #ports: RunPorts;
	readonly #writer: DeploymentLogWriter;

	constructor(ports: RunPorts, values: RunValues) {
		this.values = values;
		this.#ports = ports;
		this.#writer = ports.logs.open(values.deploymentId);
	}

	get deploymentId(): string {
		return this.values.deploymentId;
	}

	get application(): Application {
		return this.values.application;
	}

	get signal(): AbortSignal {
		return this.values.signal;
	}

	/** @throws LockLost, the signal's reason */
	enter(phase: Phase): void {
		this.signal.throwIfAborted();
		this.#ports.store.enterPhase(this.values.hold, this.deploymentId, phase);
		this.say(`== ${phase}`);
	}

	/** The point of no return: from here on a cancel is refused. False when one came first. @throws LockLost, the signal's reason */
	enterRelease(facts: DeploymentFacts): boolean {
		this.signal.throwIfAborted();
		const entered = this.#ports.store.enterRelease(this.values.hold, this.deploymentId, facts);
		if (entered) this.say("== release");
		return entered;
	}

	/** @throws LockLost */
	record(facts: DeploymentFacts): void {
		this.#ports.store.recordFacts(this.values.hold, this.deploymentId, facts);
	}

	/** What its gate saw of the edges. @throws LockLost */
	remember(sightings: EdgeSighting[]): void {
		if (sightings.length > 0) this.#ports.store.recordEdges(this.values.hold, this.deploymentId, sightings);
	}

	/** Right before a change of the service. @throws LockLost */
	journal(journal: SwapJournal): void {
		this.values.ensureHeld();
		this.#ports.store.journalSwap(this.values.hold, this.deploymentId, journal);
	}

	/** Writes a line of ours into the deployment's log, without a word of anybody else. Bound, so that it can be passed on by itself. */
	readonly say = (text: string): void => this.#writer.own(this.#timed(text));

	/** Writes a line that holds words of others, cleaned. */
	readonly sayOfOthers = (text: string): void => this.#writer.line(this.#timed(text));

	#timed(text: string): string {
		return `${new Date(this.#ports.clock.now()).toISOString()} ${text}`;
	}

	/** Lines and steps of a build or push, cleaned. A step that cannot be written down fails no build. */
	listener(): BuildListener {
		const { untrusted, store } = this.#ports;
		return {
			line: (text) => this.#writer.line(untrusted.clean(text)),
			step: (text) => {
				try {
					store.recordStep(this.values.hold, this.deploymentId, untrusted.line(text, 160));
				} catch (error) {
					this.warn("a step was not written down", error);
				}
			},
		};
	}

	/** A run of another deployment under the same hold: the revert within a deploy. */
	of(values: Pick<RunValues, "deploymentId" | "kind" | "rollbackId">): Run {
		return new Run(this.#ports, { ...this.values, request: {}, ...values });
	}

	/** The error a deployment ends with. Nobody has looked over the words of an unknown fault: they stand in the log alone. */
	faultOf(error: unknown): DeploymillError {
		if (error instanceof DeploymillError) return error;
		const faultId = this.#ports.ids.next("fault");
		const facts = { faultId, deploymentId: this.deploymentId, error: describeFault(error) };
		this.#ports.log.error(facts, "a deployment failed by a fault of deploymill");
		return new DeploymillError("internal", faultNotice(faultId), { details: { faultId } });
	}

	warn(what: string, error: unknown): void {
		this.#ports.log.warn({ deploymentId: this.deploymentId, error: errorMessage(error) }, what);
	}
}
