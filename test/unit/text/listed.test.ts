import { expect, test } from "vitest";
import { listed } from "../../../src/text/listed.ts";

test("of many names the first are told, and how many more there are", () => {
	const names = Array.from({ length: 12 }, (_, at) => `V${at}`);
	expect(listed(names, 10)).toBe("V0, V1, V2, V3, V4, V5, V6, V7, V8, V9 and 2 more");
	expect(listed(names.slice(0, 10), 10)).toBe("V0, V1, V2, V3, V4, V5, V6, V7, V8, V9");
});
