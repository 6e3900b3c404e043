import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deliverEvents } from "../../../../src/engine/events/deliver.ts";
import { deliverWithin, keepDelivering } from "../../../../src/engine/events/keep-delivering.ts";
import type { EventMessage, Posted } from "../../../../src/engine/ports/event-receiver.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { DataFolder } from "../../../simulation/world/data-folder.ts";
import { webConfig } from "../../../simulation/world/world.ts";

const never = new AbortController().signal;
const taken: Posted = { taken: true };
const silent: Posted = { taken: false, because: "no answer within 10 s" };
const refused: Posted = { taken: false, because: "it answered 400", refused: true };

let clock: VirtualClock;
let folder: DataFolder;
let posts: { name: string; atMs: number }[];
let warned: string[];
beforeEach(() => {
	clock = new VirtualClock();
	folder = new DataFolder(clock);
	posts = [];
	warned = [];
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(), "c1");
});
afterEach(() => folder[Symbol.dispose]());

/** Ends a deployment. */
function record(deploymentId: string): void {
	const { store } = folder;
	const newestSeen = store.listDeployments("hello", 1)[0]?.sequence ?? 0;
	const hold = { applicationId: "hello", deploymentId, owner: "a test" };
	store.beginDeployment({ ...hold, kind: "deploy", request: {}, requestedBy: "a test", facts: {} }, newestSeen, 60_000);
	store.renewLock(hold, 60_000);
	store.finishDeployments(hold, [{ deploymentId, end: { status: "error", outcome: "failed" } }]);
}

function portsWith(answer: (message: EventMessage) => Posted | Promise<Posted>) {
	let ids = 0;
	const warn = (_facts: object, message: string) => void warned.push(message);
	return {
		store: folder.store,
		clock,
		ids: { next: () => `sender-${++ids}` },
		untrusted: new Untrusted(new Redactor()),
		log: { debug: warn, info: warn, warn, error: warn },
		notify: {
			wants: "all" as const,
			learnSecrets: async () => undefined,
			receiver: {
				post: async (message: EventMessage) => {
					posts.push({ name: message.deploymentId, atMs: clock.monotonic() });
					return answer(message);
				},
			},
		},
	};
}

const names = () => posts.map(({ name }) => name);

describe("a round", () => {
	test("sends what waits, oldest first, and asks nobody where nothing waits", async () => {
		record("dep-1");
		record("dep-2");
		const ports = portsWith(() => taken);
		expect(await clock.run(deliverEvents(ports, "one", never))).toBe("all sent");
		expect(await clock.run(deliverEvents(ports, "one", never))).toBe("all sent");
		expect(names()).toEqual(["dep-1", "dep-2"]);
	});

	test("tries three times, then leaves the rest in its order to the next", async () => {
		record("dep-1");
		record("dep-2");
		expect(
			await clock.run(
				deliverEvents(
					portsWith(() => silent),
					"one",
					never,
				),
			),
		).toBe("left");
		expect(posts).toEqual([
			{ name: "dep-1", atMs: 0 },
			{ name: "dep-1", atMs: 1_000 },
			{ name: "dep-1", atMs: 5_000 },
		]);
		expect(
			await clock.run(
				deliverEvents(
					portsWith(() => taken),
					"two",
					never,
				),
			),
		).toBe("all sent");
		expect(names().slice(3)).toEqual(["dep-1", "dep-2"]);
	});

	test("passes by what is refused, and keeps it for the next", async () => {
		record("dep-1");
		record("dep-2");
		const ports = portsWith(({ deploymentId }) => (deploymentId === "dep-1" ? refused : taken));
		expect(await clock.run(deliverEvents(ports, "one", never))).toBe("left");
		expect(names()).toEqual(["dep-1", "dep-1", "dep-1", "dep-2"]);
		expect(folder.store.countWaiting()).toBe(1);
	});

	test("gives up where five in a row are refused: it is the address", async () => {
		for (let nth = 1; nth <= 7; nth++) record(`dep-${nth}`);
		expect(
			await clock.run(
				deliverEvents(
					portsWith(() => refused),
					"one",
					never,
				),
			),
		).toBe("left");
		expect(new Set(names()).size).toBe(5);
	});

	test("is over at once when it is called off", async () => {
		record("dep-1");
		const calledOff = new AbortController();
		const ports = portsWith(() => {
			calledOff.abort();
			return silent;
		});
		expect(await clock.run(deliverEvents(ports, "one", calledOff.signal))).toBe("left");
		expect(posts).toHaveLength(1);
		expect(folder.store.claimEvent({ owner: "two", wants: "all", after: 0 }, 1_000).state).toBe("claimed");
	});

	test("fails by nothing: what the receiver throws is a line in the log", async () => {
		record("dep-1");
		const ports = portsWith(() => Promise.reject(new Error("a bug")));
		expect(await clock.run(deliverEvents(ports, "one", never))).toBe("left");
		expect(warned).toEqual(["events could not be sent now"]);
	});
});

describe("a process that lives on", () => {
	test("looks every five seconds, and rests longer and longer while nothing gets through", async () => {
		let answer: Posted = silent;
		const ports = portsWith(() => answer);
		const deliveries = keepDelivering(ports);
		await clock.pass(7_000);
		record("dep-1");
		await clock.pass(200_000);
		// Three tries from 10 s on; then after a minute, then after two.
		expect(posts.map(({ atMs }) => atMs)).toEqual([10, 11, 15, 75, 76, 80, 200, 201, 205].map((seconds) => seconds * 1000));
		answer = taken;
		await clock.pass(300_000);
		expect(folder.store.countWaiting()).toBe(0);
		deliveries[Symbol.dispose]();
		record("dep-2");
		await clock.pass(60_000);
		expect(names().at(-1)).toBe("dep-1");
	});
});

describe("a process that ends", () => {
	test("stays until all is sent, by it or by another", async () => {
		record("dep-1");
		folder.store.claimEvent({ owner: "another", wants: "all", after: 0 }, 45_000);
		const ports = portsWith(() => taken);
		clock.after(2_000, () => {
			folder.store.markSent("dep-1:failed");
			folder.store.releaseOutbox("another");
		});
		await clock.run(deliverWithin(ports, 10_000));
		expect(clock.monotonic()).toBeLessThan(2_500);
		expect(posts).toEqual([]);
	});

	test("and no longer than it says", async () => {
		record("dep-1");
		await clock.run(
			deliverWithin(
				portsWith(() => new Promise(() => {})),
				3_000,
			),
		);
		expect(clock.monotonic()).toBe(3_500);
	});
});
