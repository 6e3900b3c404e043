// Defines the words in which a test says how a fixture app behaves: the content of its behaviour.json.

/** One answer of the health endpoint: a status, no answer at all, or a connection that is cut. */
export type HealthAnswer = number | "hang" | "drop";

export interface Behaviour {
	/** Text served at `/`. */
	version: string;
	/** False: nothing listens on the port, and the process lives on. */
	listen?: boolean;
	/**
	 * Answers of `/healthz` by the host that is asked for (`127.0.0.1` for the container's own check), `default` for all others:
	 * one after the other, the last one for ever. Each host is counted by itself, each task anew. Absent: always 200.
	 */
	health?: Record<string, HealthAnswer[]>;
	/** The answers begin again at the first one, so that the app flaps. */
	cycle?: boolean;
	/** Status of HEAD on `/healthz` in place of the answers above, e.g. 405 as FastAPI says. */
	head?: number;
	/** Answers of `/healthz` in place of `health` while the container has no env variable of this name. */
	withoutEnv?: { name: string; health: Record<string, HealthAnswer[]> };
	/** So long after its start, the answers of `/healthz` are these instead. */
	turns?: { afterMs: number; health: Record<string, HealthAnswer[]> };
	/** Ends after its start, or, where `onceWell`, after its container's check was first answered well; with these last words on stderr. */
	exit?: { code: number; words: string; afterMs?: number; onceWell?: true };
	/** How long the page `/` takes. */
	pageDelayMs?: number;
	/** Finishes open requests before it ends, as a server should. */
	drain?: boolean;
	/** Serves on so long after it was told to end. */
	lingerMs?: number;
	/** Body of every answer of `/healthz`. Absent: none. */
	body?: string;
	/** Every answer of `/healthz` has this header, with the release that the app was told it is, or another. */
	named?: { header: string; as?: string };
	/** So many of its tasks answer 500 at the edges, well as they look from inside. Needs a volume at `/data`, by which they draw lots. */
	illReplicas?: number;
}
