import { describe, expect, test } from "vitest";
import type { SqliteStore } from "../../../src/adapters/sqlite/store.ts";
import { begin, DataFolder, end, holdOf, inProcesses, register } from "./data-folder.ts";

const leaseMs = 30_000;
const claim = (owner = "one", after = 0) => ({ owner, wants: "all", after }) as const;

/** A store that expects a receiver, with so many events of deployments dep-1, dep-2, … */
function storeWith(data: DataFolder, count: number): SqliteStore {
	const store = data.open();
	register(store);
	store.expectReceiver();
	for (let nth = 1; nth <= count; nth++) {
		begin(store, `dep-${nth}`);
		end(store, `dep-${nth}`);
	}
	return store;
}

const ids = (store: SqliteStore, after = 0) => store.listEvents(after, 2000).map(({ deliveryId }) => deliveryId);

describe("recording", () => {
	test("an end is an event, in the transaction that ends it", () => {
		using data = new DataFolder();
		const store = storeWith(data, 0);
		const hold = begin(store, "dep-1");
		const failed = { status: "error", outcome: "failed", facts: { rolloverNote: "Nothing was swapped." } } as const;
		expect(() =>
			store.finishDeployments(hold, [
				{ deploymentId: "dep-1", end: failed },
				{ deploymentId: "dep-none", end: failed },
			]),
		).toThrow();
		expect(ids(store)).toEqual([]);
		store.finishDeployments(hold, [{ deploymentId: "dep-1", end: failed }]);
		const { finishedAt } = store.findDeployment("dep-1")!;
		expect(store.listEvents(0, 10)).toMatchObject([
			{ sequence: 1, deliveryId: "dep-1:failed", event: "failed", note: "Nothing was swapped.", at: finishedAt },
		]);
		expect(store.newestEvent()).toBe(1);
	});

	test("there is one of a name in a deployment's life, as it was first", () => {
		using data = new DataFolder();
		const store = storeWith(data, 1);
		store.recordEvent("dep-1", "live", "once more");
		store.decide(() => store.recordEvent("dep-1", "bake_failed", "Its tasks ended."));
		expect(() =>
			store.decide(() => {
				store.recordEvent("dep-1", "confirmation_expired");
				throw new Error("what it tells of was not written");
			}),
		).toThrow("not written");
		expect(store.listEvents(0, 10)).toMatchObject([
			{ deliveryId: "dep-1:live", note: null },
			{ deliveryId: "dep-1:bake_failed", note: "Its tasks ended." },
		]);
	});

	test("the newest thousand are kept", () => {
		using data = new DataFolder();
		const store = storeWith(data, 1);
		store.decide(() => {
			for (let nth = 2; nth <= 1003; nth++) {
				begin(store, `dep-${nth}`);
				end(store, `dep-${nth}`);
			}
		});
		const kept = ids(store);
		expect([kept.length, kept[0], kept.at(-1)]).toEqual([1000, "dep-4:live", "dep-1003:live"]);
		expect(store.countWaiting()).toBe(1000);
	});
});

describe("sending", () => {
	test("what was recorded before anybody was to be told does not wait", () => {
		using data = new DataFolder();
		const store = data.open();
		register(store);
		begin(store, "dep-1");
		end(store, "dep-1");
		store.expectReceiver();
		store.expectReceiver();
		begin(store, "dep-2");
		end(store, "dep-2");
		expect(store.countWaiting()).toBe(1);
		expect(store.claimEvent(claim(), leaseMs)).toMatchObject({ state: "claimed", event: { deliveryId: "dep-2:live" } });
	});

	test("the oldest first, each once; another sender waits until nothing is left, or the first one lets go", () => {
		using data = new DataFolder();
		const store = storeWith(data, 2);
		const other = data.open();
		expect(store.claimEvent(claim(), leaseMs)).toMatchObject({ event: { deliveryId: "dep-1:live" } });
		expect(other.claimEvent(claim("two"), leaseMs)).toEqual({ state: "busy" });
		store.markSent("dep-1:live");
		expect(store.claimEvent(claim(), leaseMs)).toMatchObject({ event: { deliveryId: "dep-2:live" } });
		store.releaseOutbox("two");
		expect(other.claimEvent(claim("two"), leaseMs)).toEqual({ state: "busy" });
		store.releaseOutbox("one");
		expect(other.claimEvent(claim("two"), leaseMs)).toMatchObject({ event: { deliveryId: "dep-2:live" } });
		other.markSent("dep-2:live");
		expect(other.claimEvent(claim("two"), leaseMs)).toEqual({ state: "none" });
		expect(store.claimEvent(claim(), leaseMs)).toEqual({ state: "none" });
	});

	test("a sender that is dead is succeeded when its claim runs out", async () => {
		using data = new DataFolder();
		const store = storeWith(data, 1);
		expect(store.claimEvent(claim(), 1)).toMatchObject({ state: "claimed" });
		const next = data.open();
		await expect.poll(() => next.claimEvent(claim("two"), leaseMs).state, { timeout: 30_000 }).toBe("claimed");
	});

	test("one that is passed by waits still", () => {
		using data = new DataFolder();
		const store = storeWith(data, 2);
		expect(store.claimEvent(claim("one", 1), leaseMs)).toMatchObject({ event: { deliveryId: "dep-2:live" } });
		expect(store.countWaiting()).toBe(2);
	});

	test("what is not wanted is passed over for good", () => {
		using data = new DataFolder();
		const store = storeWith(data, 1);
		begin(store, "dep-2");
		store.finishDeployments(holdOf("dep-2"), [{ deploymentId: "dep-2", end: { status: "error", outcome: "failed" } }]);
		expect(store.claimEvent({ ...claim(), wants: "problems" }, leaseMs)).toMatchObject({ event: { deliveryId: "dep-2:failed" } });
		expect(store.countWaiting()).toBe(1);
		expect(store.claimEvent(claim(), leaseMs)).toMatchObject({ event: { deliveryId: "dep-2:failed" } });
	});

	test("four processes send thirty events: each once, and in their order", async () => {
		using data = new DataFolder();
		storeWith(data, 30);
		data.close();
		const answers = (await inProcesses(
			data,
			4,
			`const mine = [];
			for (let claim; (claim = store.claimEvent({ owner: "sender " + who, wants: "all", after: 0 }, 30_000)).state !== "none"; ) {
				if (claim.state === "busy") { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
				mine.push([claim.event.sequence, process.hrtime.bigint().toString()]);
				store.markSent(claim.event.deliveryId);
				if (mine.length % 3 === 0) store.releaseOutbox("sender " + who);
			}
			answer(mine);`,
		)) as [number, string][][];
		const sent = answers.flat().sort(([, first], [, second]) => Number(BigInt(first) - BigInt(second)));
		expect(sent.map(([sequence]) => sequence)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
	});
});
