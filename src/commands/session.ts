// Gives every command its masking, and the place where an uncaught fault is recorded and told.
import type { Logger } from "pino";
import { knowNamedSecrets } from "../config/known-secrets.ts";
import { DeploymillError } from "../errors.ts";
import { faultNotice, recordFault } from "../fault.ts";
import { createLog } from "../log.ts";
import { Redactor } from "../redact.ts";

export class Session {
	readonly redactor = new Redactor();
	/** Whether one call's fault must not take the others with it. */
	outlivesFaults = false;
	readonly #log: Logger;

	constructor(env: NodeJS.ProcessEnv) {
		knowNamedSecrets(env, this.redactor);
		this.#log = createLog("error", this.redactor);
	}

	/** From here on nothing that was thrown is printed by Node, whose words nobody looked over. */
	watchProcess(): void {
		process.on("uncaughtException", (error) => this.#stray(error, "uncaught"));
		process.on("unhandledRejection", (reason) => this.#stray(reason, "unhandled rejection"));
	}

	/** Prints a known error in its own words, masked; of any other an id. */
	tell(error: unknown): void {
		const words =
			error instanceof DeploymillError ? `${error.message}\n${error.hint}` : faultNotice(recordFault(this.#log, error, "a command failed"));
		console.error(`deploymill: ${this.redactor.maskSecrets(words)}`);
	}

	#stray(error: unknown, what: string): void {
		const faultId = recordFault(this.#log, error, what);
		if (this.outlivesFaults) return;
		console.error(`deploymill: ${faultNotice(faultId)}`);
		process.exit(1);
	}
}
