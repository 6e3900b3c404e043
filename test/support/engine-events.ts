// Hears the engine's events of one type, each as it comes, until the stream is destroyed.
import type { Readable } from "node:stream";
import type Docker from "dockerode";

/** Of the Engine API's event message, what tests read. */
export interface EngineEvent {
	Action: string;
	Actor: { ID: string; Attributes: Record<string, string> };
}

export async function hearEvents(docker: Docker, type: "service" | "container", hear: (event: EngineEvent) => void): Promise<Readable> {
	const stream = (await docker.getEvents({ filters: { type: [type] } })) as Readable;
	let rest = "";
	// A stream that is destroyed ends with an error.
	stream.on("error", () => undefined);
	stream.setEncoding("utf8").on("data", (text: string) => {
		const lines = (rest + text).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines.filter((item) => item.trim() !== "")) hear(JSON.parse(line) as EngineEvent);
	});
	return stream;
}
