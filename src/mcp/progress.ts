// Makes progress notifications: what a waiting call tells a client that asked for it.
import type { Deployment } from "../model/deployment.ts";

/** A client that hears nothing for long believes the call is dead. */
const repeatEveryMs = 2_000;

export interface ProgressNote {
	/** Grows with every note, as MCP asks: milliseconds since the deployment began. */
	progress: number;
	message: string;
}

/** Turns looks at a deployment into notes: one when something changed, and one every other second. */
export function progressNotes(send: (note: ProgressNote) => void): (deployment: Deployment) => void {
	let lastText = "";
	let lastProgress = 0;
	return (deployment) => {
		const elapsedMs = Date.now() - Date.parse(deployment.startedAt);
		const text = textOf(deployment);
		if (text === lastText && elapsedMs - lastProgress < repeatEveryMs) return;
		const progress = Math.max(elapsedMs, lastProgress + 1);
		send({ progress, message: `${text} (${(elapsedMs / 1000).toFixed(1)} s)` });
		lastText = text;
		lastProgress = progress;
	};
}

function textOf({ phase, step, outcome }: Deployment): string {
	if (phase === "finished") return `finished: ${outcome}`;
	if (!step) return phase;
	// A build's step is whatever its Dockerfile says; the steps of other phases are ours.
	return phase === "build" ? `build (untrusted words of the build): ${step}` : `${phase}: ${step}`;
}
