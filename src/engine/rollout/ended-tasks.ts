// Remembers which tasks of a release ended by themselves, by replica: Swarm forgets them.
import type { ObservedTask } from "../../model/service.ts";
import type { Revision } from "../service/revision.ts";
import { failedTasks } from "./reading.ts";

/** So many tasks of one replica, one after the other: it is certain that it does not stay up. */
export const endedTooOften = 3;

export class EndedTasks {
	readonly #ours: Revision;
	readonly #before: ReadonlySet<string>;
	/** Ids by replica. */
	readonly #ended = new Map<number, Set<string>>();

	/** @param endedBefore ids of tasks that count for nothing here */
	constructor(ours: Revision, endedBefore: readonly string[] = []) {
		this.#ours = ours;
		this.#before = new Set(endedBefore);
	}

	/** What ended in an earlier life of the release, and is still among these tasks, counts for nothing. */
	static since(tasks: ObservedTask[], ours: Revision): EndedTasks {
		return new EndedTasks(
			ours,
			failedTasks(tasks, ours).map(({ id }) => id),
		);
	}

	note(tasks: ObservedTask[]): void {
		for (const { id, slot } of failedTasks(tasks, this.#ours)) {
			if (this.#before.has(id)) continue;
			this.#ended.set(slot, (this.#ended.get(slot) ?? new Set()).add(id));
		}
	}

	/** Of the replica in which most did. One was replaced; two do not stay up. */
	get mostInOneReplica(): number {
		return Math.max(0, ...[...this.#ended.values()].map((ids) => ids.size));
	}
}
