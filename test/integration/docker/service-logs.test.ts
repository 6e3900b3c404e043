import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../../src/adapters/docker/client.ts";
import { readServiceLogs } from "../../../src/adapters/docker/service-logs.ts";
import type { ObservedTask } from "../../../src/model/service.ts";
import { openWorkbench, serviceSpec, type Workbench } from "../../support/docker-workbench.ts";
import { serve } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const image = "node:24-slim";

describe("DockerSwarm.readServiceLogs", () => {
	let bench: Workbench;
	beforeAll(async () => {
		bench = await openWorkbench();
	});
	afterAll(() => bench.close());

	const named = (name: string) => `${bench.prefix}-${name}`;

	it("reads the log of all tasks in the order of time", async () => {
		const name = named("chats");
		const talk = "for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.02; done; sleep 600";
		await bench.swarm.createService(serviceSpec(name, image, ["sh", "-c", talk]), undefined);
		const all = await until(
			() => bench.swarm.readServiceLogs(name, { tail: 100 }),
			(seen) => seen.lines.length === 6,
		);
		const [task] = await bench.swarm.listTasks(name);
		expect(all.truncated).toBe(false);
		expect(all.lines.map((line) => `${line.stream} ${line.text}`).sort()).toEqual([
			...["stderr err 1", "stderr err 2", "stderr err 3"],
			...["stdout out 1", "stdout out 2", "stdout out 3"],
		]);
		// Which of two streams comes first is the engine's to say.
		const { lines, truncated } = await bench.swarm.readServiceLogs(name, { tail: 4 });
		expect(truncated).toBe(true);
		expect(lines).toEqual(all.lines.slice(-4));
		expect(lines[0]).toMatchObject({ taskId: task?.id, node: task?.node });
		expect(lines.map((line) => line.timestamp)).toEqual(lines.map((line) => line.timestamp).toSorted());
		expect(await bench.swarm.readServiceLogs(name, { tail: 4, deploymentId: "dep-another" })).toEqual({ lines: [], truncated: false });
		expect(await bench.swarm.readServiceLogs(named("missing"), { tail: 4 })).toEqual({ lines: [], truncated: false });
	});

	it("reads only the log lines that are new enough", async () => {
		const name = named("recent");
		await bench.swarm.createService(serviceSpec(name, image, ["sh", "-c", "echo hello; sleep 600"]), undefined);
		const read = (sinceSeconds: number) => bench.swarm.readServiceLogs(name, { tail: 10, sinceSeconds });
		await until(
			() => read(3600),
			({ lines }) => lines.length === 1,
		);
		expect(await read(-60)).toEqual({ lines: [], truncated: false });
	});

	const writer = "const write = (text) => require('node:fs').writeSync(1, text);";
	const texts = (lines: { text: string }[]) => lines.map(({ text }) => text);

	it("shows of a huge line the beginning, and what was printed after it", async () => {
		const name = named("huge");
		// The pipe takes what fits, so that a line may come in several writes.
		const program = String.raw`${writer}
			const all = (text) => { for (let at = 0; at < text.length; ) at += write(text.slice(at, at + 65536)); };
			all("first\n"); all("A".repeat(40e6) + "\n"); all("B".repeat(2.6e6) + "\n"); all("short\rforged\n"); all("last\n");
			setInterval(() => {}, 60000);`;
		await bench.swarm.createService(serviceSpec(name, image, ["node", "-e", program]), undefined);
		const { lines, truncated } = await until(
			() => bench.swarm.readServiceLogs(name, { tail: 5000 }),
			(seen) => seen.lines.at(-1)?.text === "last",
			90_000,
		);
		expect(truncated).toBe(false);
		expect(lines).toMatchObject([
			{ text: "first" },
			{ wholeLength: 40e6, text: expect.stringMatching(/^A{15000,16384}$/) },
			{ wholeLength: 2.6e6, text: expect.stringMatching(/^B{15000,16384}$/) },
			{ text: "short forged" },
			{ text: "last" },
		]);
		const few = await bench.swarm.readServiceLogs(name, { tail: 2 });
		expect(few).toMatchObject({ truncated: true, lines: [{ text: "short forged" }, { text: "last" }] });
	});

	it("masks a secret that lies over the cut of Docker's entries, and leaves no half of one that lies over its own", async () => {
		const name = named("torn");
		const secret = "hunter2-is-a-long-password-of-48-characters-abcd";
		bench.untrusted.hide(secret);
		const program = String.raw`${writer}
			write("\u00e9".repeat(8192 - 10) + "${secret}" + "y".repeat(100) + "\n");
			write("z".repeat(16384 - 20) + "${secret}" + "z".repeat(40000) + "\n");
			write("done\n"); setInterval(() => {}, 60000);`;
		await bench.swarm.createService(serviceSpec(name, image, ["node", "-e", program]), undefined);
		const { lines } = await until(
			() => bench.swarm.readServiceLogs(name, { tail: 100 }),
			(seen) => seen.lines.at(-1)?.text === "done",
		);
		expect(texts(lines)).toEqual([`${"é".repeat(8192 - 10)}***${"y".repeat(100)}`, expect.stringMatching(/^z{15000,16364}$/), "done"]);
		for (let at = 0; at + 6 <= secret.length; at++) expect(texts(lines).join("\n")).not.toContain(secret.slice(at, at + 6));
	});

	it("keeps lines of several tasks apart that are written at once", async () => {
		const name = named("crowd");
		const program = String.raw`${writer}
			const letter = process.env.HOSTNAME; for (let n = 0; n < 20; n++) write((letter + " ").repeat(2000) + "\n");
			write("done " + letter + "\n"); setInterval(() => {}, 60000);`;
		const spec = serviceSpec(name, image, ["node", "-e", program]);
		spec.Mode = { Replicated: { Replicas: 3 } };
		await bench.swarm.createService(spec, undefined);
		const { lines } = await until(
			() => bench.swarm.readServiceLogs(name, { tail: 500 }),
			(seen) => seen.lines.filter(({ text }) => text.startsWith("done")).length === 3,
		);
		for (const { text } of lines.filter((line) => !line.text.startsWith("done"))) {
			expect(new Set(text.trim().split(" ").slice(0, -1)).size).toBe(1);
		}
		expect(lines).toHaveLength(63);
	});

	it("asks a task again, for less, where there is more than it will read, and shows the end", async () => {
		const asked: string[] = [];
		const port = await serve((request, response) => {
			const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
			const tail = Number(searchParams.get("tail"));
			asked.push(`${pathname} ${tail}`);
			const last = pathname.includes("/loud/") ? "x".repeat(16_000) : "x";
			for (let n = 5000 - tail; n < 5000; n++) response.write(entry(n, `line ${n} ${last}`));
			response.end();
		});
		const client = clientOf(port);
		const tasks = ["loud", "calm", "away"].map((id) => ({ ...runningTask(id), nodeReady: id !== "away" }));
		const { lines, truncated } = await readServiceLogs(client, tasks, { tail: 3000 });
		client.close();
		// 64 MB are shared by two tasks, and 16 KB may be the size of an entry.
		expect(asked.toSorted()).toEqual(["/tasks/calm/logs 3064", "/tasks/loud/logs 2040", "/tasks/loud/logs 3064"]);
		expect(truncated).toBe(true);
		const newest = lines.slice(-2).map(({ text, taskId }) => `${taskId}: ${text.slice(0, 11)}`);
		expect(newest.toSorted()).toEqual(["calm: line 4999 x", "loud: line 4999 x"]);
		expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(8 * 1024 * 1024);
	});

	it("waits no longer than its caller does", async () => {
		const cancel = new AbortController();
		const port = await serve((_request, response) => {
			response.write(entry(1, "and then nothing"));
			cancel.abort(new Error("the caller left"));
		});
		const client = clientOf(port);
		await expect(readServiceLogs(client, [runningTask("stuck")], { tail: 10 }, cancel.signal)).rejects.toThrow("the caller left");
		client.close();
	});

	function clientOf(port: number): DockerClient {
		return new DockerClient({ host: `tcp://127.0.0.1:${port}`, description: "a stand-in" }, bench.untrusted);
	}
});

function runningTask(id: string): ObservedTask {
	const times = { createdAt: new Date(0).toISOString(), since: new Date(0).toISOString() };
	const where = { slot: 1, nodeId: "n", node: "n", nodeReady: true, containerId: id };
	return { ...times, ...where, id, desiredState: "running", state: "running", image: "i" };
}

/** As Docker sends it. */
function entry(n: number, text: string): Buffer {
	const time = `2026-01-01T00:00:${String(Math.floor(n / 100)).padStart(2, "0")}.${String(n % 100).padStart(9, "0")}Z`;
	const payload = Buffer.from(`${time} ${text}\n`);
	const header = Buffer.alloc(8);
	header[0] = 1;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
}
