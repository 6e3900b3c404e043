import { expect, test } from "vitest";
import { Nodes } from "../../../../src/adapters/docker/nodes.ts";
import type { RawNode, RawTask } from "../../../../src/adapters/docker/tasks.ts";

const node = (ID: string): RawNode => ({ ID, Status: { State: "ready" } });
const taskOn = (NodeID: string) => ({ NodeID }) as RawTask;
const ids = (nodes: RawNode[]) => nodes.map(({ ID }) => ID);

test("they are asked for once for looks that follow each other", async () => {
	let asked = 0;
	const nodes = new Nodes(async () => {
		asked++;
		return [node("a")];
	});
	for (let looks = 0; looks < 5; looks++) expect(ids(await nodes.of(Promise.resolve([taskOn("a")])))).toEqual(["a"]);
	expect(asked).toBe(1);
});

test("a task on one that is not among them has them asked for again", async () => {
	const answers = [[node("a")], [node("a"), node("b")]];
	const nodes = new Nodes(async () => answers.shift()!);
	expect(ids(await nodes.of(Promise.resolve([taskOn("a")])))).toEqual(["a"]);
	expect(ids(await nodes.of(Promise.resolve([taskOn("b")])))).toEqual(["a", "b"]);
	expect(ids(await nodes.of(Promise.resolve(undefined)))).toEqual(["a", "b"]);
});

test("a fault is not kept", async () => {
	const answers: (RawNode[] | Error)[] = [new Error("away"), [node("a")]];
	const nodes = new Nodes(async () => {
		const answer = answers.shift()!;
		if (answer instanceof Error) throw answer;
		return answer;
	});
	await expect(nodes.of(Promise.resolve([]))).rejects.toThrow("away");
	expect(ids(await nodes.of(Promise.resolve([])))).toEqual(["a"]);
});
