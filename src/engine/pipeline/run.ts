// Owns one run of the pipeline: what every stage of it is given, and the writing down of what a stage found out.
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts, Phase } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import type { BuildListener } from "../ports/images.ts";

export class Run {
	readonly engine: Engine;
	readonly application: Application;
	/** Aborted by a cancel, and when this process lost the application's lock. */
	readonly signal: AbortSignal;
	readonly deploymentId: string;
	readonly #writeLine: (text: string) => void;

	constructor(engine: Engine, application: Application, deploymentId: string, signal: AbortSignal) {
		this.engine = engine;
		this.application = application;
		this.deploymentId = deploymentId;
		this.signal = signal;
		const writer = engine.logs.open(deploymentId);
		this.#writeLine = (text) => writer.line(text);
	}

	/** The record as it is now: other processes may have asked for a cancel. */
	get deployment(): Deployment {
		const deployment = this.engine.store.findDeployment(this.deploymentId);
		if (!deployment) throw new Error(`no deployment ${this.deploymentId}`);
		return deployment;
	}

	enter(phase: Phase): void {
		this.signal.throwIfAborted();
		this.engine.store.enterPhase(this.deploymentId, phase);
		this.say(`== ${phase}`);
	}

	record(facts: DeploymentFacts): void {
		this.engine.store.recordFacts(this.deploymentId, facts);
	}

	/** A line of ours in the deployment's log. */
	say(text: string): void {
		this.#writeLine(`${new Date(this.engine.clock.now()).toISOString()} ${text}`);
	}

	/** The step that progress shows, also in the log. */
	step(text: string): void {
		const line = this.engine.untrusted.line(text, 160);
		this.engine.store.recordStep(this.deploymentId, line);
		this.say(line);
	}

	/** Lines and steps of a build or push, cleaned. */
	listener(): BuildListener {
		return {
			line: (text) => this.#writeLine(this.engine.untrusted.clean(text)),
			step: (text) => this.engine.store.recordStep(this.deploymentId, this.engine.untrusted.line(text, 160)),
		};
	}

	/** The same run of the application under another deployment's name: a revert within a deploy. */
	as(deploymentId: string): Run {
		return new Run(this.engine, this.application, deploymentId, this.signal);
	}

	/** The error a deployment ends with. Nobody has looked over the words of an unknown fault: they stand in the log alone. */
	faultOf(error: unknown): DeploymillError {
		if (error instanceof DeploymillError) return error;
		const { deploymentId, engine } = this;
		const faultId = engine.ids.next("fault");
		engine.log.error(
			{ faultId, deploymentId, error: error instanceof Error ? error.stack : String(error) },
			"a deployment failed by a fault of deploymill",
		);
		return new DeploymillError("internal", `A fault of deploymill, recorded in its log as ${faultId}.`, { details: { faultId } });
	}

	warn(what: string, error: unknown): void {
		this.engine.log.warn({ deploymentId: this.deploymentId, error: errorMessage(error) }, what);
	}
}
