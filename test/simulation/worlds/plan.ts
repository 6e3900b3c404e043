// Describes a world as a value: who is in it, what is done in it and when, and which faults come in between. It can be printed,
// made smaller, and played again.

export const apps = [
	"good",
	"better",
	"ill",
	"crashing",
	"sick",
	"slow",
	"turning",
	"broken build",
	"late",
	"crashing in time",
	"one of two",
	"shut",
] as const;
/** A release, by what becomes of it. */
export type AppName = (typeof apps)[number];

export interface Setup {
	nodes: 1 | 2 | 3;
	/** What works in it: one data folder; two of one application; two of an application each. */
	folders: "one" | "two of one application" | "two applications";
	/** What runs at its beginning. */
	begins: "nothing" | "a release" | "two releases";
	replicas: 1 | 2;
	/** It stops before it starts. */
	volume: boolean;
	rollback: "off" | "on" | "auto";
	bake: "0s" | "20s" | "45s";
	/** Answers name the release, and have to. */
	namesItself: boolean;
	/** The ingress asks tasks that are told to stop, until they have. */
	drains: boolean;
}

/** Which of two data folders. */
export type Folder = 0 | 1;

export type Act =
	| { do: "deploy"; folder: Folder; app: AppName; confirm?: boolean; again?: boolean; force?: boolean }
	| { do: "roll back"; folder: Folder; named?: boolean }
	| { do: "cancel" | "confirm" | "look" | "adopt"; folder: Folder }
	| { do: "set env"; folder: Folder; value: number }
	| { do: "hand labels" | "hand rolls back" | "hand removes"; folder: Folder }
	| { do: "hand scales"; folder: Folder; to: 0 | 1 | 2 | 3 }
	| { do: "hand sets image"; folder: Folder; which: "earlier" | "foreign" | "missing" }
	| { do: "hand sets env" | "volume is taken"; folder: Folder }
	| { do: "clock jumps"; byMs: number }
	| { do: "leader changes" | "engine restarts" | "docker is away" | "network is away" | "nodes are paused"; forMs: number }
	| { do: "registry is away"; how: "down" | "silent"; forMs: number }
	| { do: "receiver is away"; how: "down" | "silent"; forMs: number }
	| { do: "node is lost"; node: 1 | 2; forMs: number }
	| { do: "image is lost"; which: number };

/** What a newest deployment has come to, or that a worker was killed since the act before. */
export type Moment = "is built" | "is put there" | "is in its gate" | "is over" | "lost its worker";

export interface PlannedAct {
	/** It is waited for, for a while. */
	when?: Moment;
	/** After that, or after the act before. */
	afterMs: number;
	act: Act;
}

/** The `nth` call of this name, or of any that changes something where there is none, is hit. */
export interface PlannedFault {
	name?: string;
	nth: number;
	/** Which of the faults that can befall that call: by its number, or by its name. */
	which: number | string;
}

export interface WorldPlan {
	setup: Setup;
	acts: PlannedAct[];
	faults: PlannedFault[];
	/** Decides how long each call waits for others to have a turn; 0: none waits. */
	turns: number;
}
