// Describes a story: what was before, what is done, and what must hold in the end beyond what must always hold.
import type { DataFolder } from "../world/data-folder.ts";
import type { Fault, PortCall } from "../world/port-calls.ts";
import type { SimulatedProcess } from "../world/process.ts";
import type { World } from "../world/world.ts";

export interface Stage {
	world: World;
	folder: DataFolder;
	/** Makes the story's calls; its faults are staged at its calls and those of the workers that it starts. */
	server: SimulatedProcess;
	/** No fault is staged in this telling. */
	isUndisturbed: boolean;
	/** Looks whenever something was written into the record. Never resolves where it does not come to be so. */
	until(isSo: () => boolean): Promise<void>;
}

export interface Story {
	name: string;
	nodes?: number;
	/** What befalls its own calls in every telling; such a call is no point for another fault. */
	script?: () => (call: PortCall) => Fault | undefined;
	/** Somebody else's hand leaves something that no record tells of. */
	endsForeign?: boolean;
	/** Undisturbed. */
	prepare(stage: Stage): Promise<void>;
	act(stage: Stage): Promise<void>;
	judge?(stage: Stage, breach: (rule: string, how: string) => void): void;
}
