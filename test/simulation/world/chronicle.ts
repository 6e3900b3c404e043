// Writes down what happens in a world, line by line, for a person who wants to know how a rule came to be broken.

import { stampOf } from "../rules/truth.ts";
import type { Change } from "../swarm/raft.ts";
import type { DataFolder } from "./data-folder.ts";
import type { PortCall } from "./port-calls.ts";
import type { World } from "./world.ts";

/** Calls that only look, and are made all the time. */
const looks =
	/^(?:store\.(?:find|list|read|digest|count|lockHolder|recordStep)|swarm\.(?:inspect|list|facts|specFacts|waitFor)|prober\.|checkout\.)/;

export class Chronicle {
	readonly #lines: { atMs: number; text: string }[] = [];
	readonly #world: World;
	readonly #folders: DataFolder[];

	constructor(world: World, folders: DataFolder[]) {
		this.#world = world;
		this.#folders = folders;
		world.cluster.raft.hear((change) => this.#hear(change));
	}

	saw({ process, name, args }: PortCall, outcome: object): void {
		if (looks.test(name) && !("error" in outcome)) return;
		const failed = "error" in outcome ? ` failed: ${String(outcome.error)}` : "";
		this.#write(`${process}: ${name}${endsIn(name, args)}${failed}`);
	}

	befell(call: PortCall, fault: string): void {
		this.#write(`>>> ${call.process}: ${call.name} is hit: ${fault}`);
	}

	note(text: string): void {
		this.#write(text);
	}

	/** With the log of each deployment at the end. */
	get text(): string {
		const lines = this.#lines.map(({ atMs, text }) => `${(atMs / 1000).toFixed(3).padStart(9)} s  ${text}`);
		const logs = this.#folders
			.flatMap(({ lines }) => [...lines])
			.map(([deploymentId, log]) => `log of ${deploymentId}:\n  ${log.map(({ text }) => text).join("\n  ")}`);
		return [...lines, ...logs].join("\n");
	}

	#hear(change: Change): void {
		if (change.kind === "node") this.#write(`node ${change.node.hostname} is ${change.node.state}`);
		else if ("service" in change) {
			const { spec, version, updateStatus } = change.service;
			const by = change.by ? ` by ${change.by.name}` : "";
			const many = spec.Mode.Replicated.Replicas;
			const state = updateStatus ? `, ${updateStatus.state}` : "";
			this.#write(
				`${change.kind} ${spec.Name} ${spec.Labels?.["deploymill.deployment"]} ${spec.TaskTemplate.ContainerSpec.Image.slice(-6)} x ${many} at version ${version}${state}${by}`,
			);
		} else {
			const { id, state, desiredState, error } = change.task;
			this.#write(
				`${change.kind} ${id.slice(0, 6)} of ${stampOf(change.task)}: ${state}, wanted ${desiredState}${error ? ` (${error})` : ""}`,
			);
		}
	}

	#write(text: string): void {
		this.#lines.push({ atMs: this.#world.clock.monotonic(), text });
	}
}

function endsIn(name: string, args: readonly unknown[]): string {
	if (name === "store.enterPhase") return ` ${String(args[2])}`;
	if (name !== "store.finishDeployments") return "";
	const ends = args[1] as { deploymentId: string; end: { outcome: string } }[];
	return ` ${ends.map(({ deploymentId, end }) => `${deploymentId}: ${end.outcome}`).join(", ")}`;
}
