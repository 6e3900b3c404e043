// Waits for the deadline that it shares with the main thread, and kills the process when it comes.
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

const deadline = workerData as BigInt64Array<SharedArrayBuffer>;

for (;;) {
	const until = Atomics.load(deadline, 0);
	const leftMs = Number(until - process.hrtime.bigint() / 1_000_000n);
	if (leftMs <= 0) end();
	// Ends early when the main thread moved the deadline.
	else Atomics.wait(deadline, 0, until, leftMs);
}

/** By a signal that nothing in the process can hold up; the log's line is written here, since its own thread may be stuck. */
function end(): never {
	const message = "the lease ran out and was not renewed; this process ends, and whoever looks next goes on";
	try {
		writeSync(2, `${JSON.stringify({ level: 60, time: new Date().toISOString(), pid: process.pid, msg: message })}\n`);
	} finally {
		process.kill(process.pid, "SIGKILL");
	}
	// Until the signal is there, nothing else may happen on this thread.
	for (;;) Atomics.wait(deadline, 0, Atomics.load(deadline, 0), 1000);
}
