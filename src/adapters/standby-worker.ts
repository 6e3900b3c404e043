// Hands a deployment to a worker process that began before there was one: the server's end of its stdin, and the worker's.
// It begins with a call, while that is checked, and never before one: guides/performance.md, "To the edge".
import type { ChildProcess } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** `deploymill worker --standby LOG` waits on stdin for the deployment that it is for. LOG is what it writes to, in its folder. */
export const standbyArgument = "--standby";

/** Longer than any id. */
const longestLine = 200;

/** The server's end. */
export class StandbyWorker implements Disposable {
	readonly #child: ChildProcess;
	readonly #folder: string;
	readonly #logName: string;
	#isOver = false;

	/** @param child with a pipe as its stdin, just spawned */
	constructor(child: ChildProcess, folder: string, logName: string) {
		this.#child = child;
		this.#folder = folder;
		this.#logName = logName;
		const over = () => {
			this.#isOver = true;
		};
		child.once("error", over).once("exit", over);
		// A pipe that broke is told to whoever writes.
		child.stdin?.on("error", over);
		child.unref();
	}

	/** Gives it the deployment, and with it its own life. False: it is not there any more, and was given nothing. */
	async takes(deploymentId: string): Promise<boolean> {
		const { stdin, pid } = this.#child;
		if (this.#isOver || !stdin || pid === undefined) return false;
		try {
			renameSync(join(this.#folder, this.#logName), join(this.#folder, `${deploymentId}.worker.log`));
		} catch {
			return false;
		}
		const { promise, resolve } = Promise.withResolvers<boolean>();
		stdin.write(`${deploymentId}\n`, (error) => resolve(!error));
		stdin.end();
		return promise;
	}

	/** One that was given nothing ends. */
	[Symbol.dispose](): void {
		this.#child.stdin?.destroy();
		rmSync(join(this.#folder, this.#logName), { force: true });
	}
}

/** The worker's end. Undefined: the call was refused, or the server is gone. Never rejects. */
export async function deploymentFrom(stdin: Readable, logName: string): Promise<string | undefined> {
	let text = "";
	try {
		for await (const chunk of stdin.setEncoding("utf8")) if (text.length < longestLine) text += chunk;
	} catch {
		text = "";
	}
	// What was cut off is no id.
	if (text.endsWith("\n")) return text.trim();
	rmSync(logName, { force: true });
	return undefined;
}
