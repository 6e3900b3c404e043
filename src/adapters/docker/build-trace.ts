// Decodes BuildKit's progress: protobuf in base64, inside the build's JSON messages.
import protobuf from "protobufjs/light.js";

/** A step of the build. The same digest comes again as it goes on. Times in seconds since 1970. */
export interface Vertex {
	digest: string;
	/** E.g. `[2/3] RUN npm ci`. Untrusted, as all texts here. */
	name: string;
	cached: boolean;
	started?: number;
	completed?: number;
	error?: string;
}

/** Progress inside of a step: a layer pulled, files sent. */
export interface VertexStatus {
	id: string;
	vertex: string;
	started?: number;
	completed?: number;
}

/** Output of a step, as bytes: a message may end in the middle of a line, and of a character. */
export interface VertexLog {
	vertex: string;
	time: number;
	/** 1 stdout, 2 stderr. */
	stream: number;
	bytes: Uint8Array;
}

interface VertexWarning {
	vertex: string;
	text: string;
}

/** One of BuildKit's progress messages. */
export interface BuildTrace {
	vertexes: Vertex[];
	statuses: VertexStatus[];
	logs: VertexLog[];
	warnings: VertexWarning[];
}

/** @throws when it is no such message */
export function decodeBuildTrace(base64: string): BuildTrace {
	const message = statusResponse.decode(Buffer.from(base64, "base64"));
	const raw = statusResponse.toObject(message, { longs: Number, defaults: true, arrays: true }) as RawTrace;
	return {
		vertexes: raw.vertexes.map(({ digest, name, cached, error, started, completed }) => ({
			...{ digest, name, cached },
			...times(started, completed),
			...(error ? { error } : {}),
		})),
		statuses: raw.statuses.map(({ id, vertex, started, completed }) => ({ id, vertex, ...times(started, completed) })),
		logs: raw.logs.map(({ vertex, timestamp, stream, msg }) => ({ vertex, time: seconds(timestamp) ?? 0, stream, bytes: msg })),
		warnings: raw.warnings.map(({ vertex, short }) => ({ vertex, text: Buffer.from(short).toString("utf8") })),
	};
}

interface RawTime {
	seconds: number;
	nanos: number;
}
interface RawTimes {
	started: RawTime | null;
	completed: RawTime | null;
}
interface RawTrace {
	vertexes: (RawTimes & { digest: string; name: string; cached: boolean; error: string })[];
	statuses: (RawTimes & { id: string; vertex: string })[];
	logs: { vertex: string; timestamp: RawTime | null; stream: number; msg: Uint8Array }[];
	warnings: { vertex: string; short: Uint8Array }[];
}

function times(started: RawTime | null, completed: RawTime | null): { started?: number; completed?: number } {
	const [from, to] = [seconds(started), seconds(completed)];
	return { ...(from === undefined ? {} : { started: from }), ...(to === undefined ? {} : { completed: to }) };
}

function seconds(time: RawTime | null): number | undefined {
	return time ? time.seconds + time.nanos / 1e9 : undefined;
}

/** The fields of BuildKit's `moby.buildkit.v1.StatusResponse` that are read; decoding skips the rest. */
const statusResponse = protobuf.Root.fromJSON({
	nested: {
		StatusResponse: {
			fields: { vertexes: many("Vertex", 1), statuses: many("Status", 2), logs: many("Log", 3), warnings: many("Warning", 4) },
		},
		Vertex: {
			fields: {
				digest: one("string", 1),
				name: one("string", 3),
				cached: one("bool", 4),
				started: one("Time", 5),
				completed: one("Time", 6),
				error: one("string", 7),
			},
		},
		Status: { fields: { id: one("string", 1), vertex: one("string", 2), started: one("Time", 7), completed: one("Time", 8) } },
		Log: { fields: { vertex: one("string", 1), timestamp: one("Time", 2), stream: one("int64", 3), msg: one("bytes", 4) } },
		Warning: { fields: { vertex: one("string", 1), short: one("bytes", 3) } },
		Time: { fields: { seconds: one("int64", 1), nanos: one("int32", 2) } },
	},
}).lookupType("StatusResponse");

function one(type: string, id: number): protobuf.IField {
	return { type, id };
}

function many(type: string, id: number): protobuf.IField {
	return { rule: "repeated", type, id };
}
