import { expect, test } from "vitest";
import { harmlessInChat } from "../../../src/text/chat.ts";

test.each([
	["@channel @here @everyone", "＠channel ＠here ＠everyone"],
	["<!channel> <@U024BE7LH>", "‹!channel› ‹＠U024BE7LH›"],
	["<https://evil.example|your bank>", "‹https[:]//evil.example|your bank›"],
	["see https://evil.example and ssh://x", "see https[:]//evil.example and ssh[:]//x"],
	["WWW.evil.example", "www[.]evil.example"],
	["[your bank](//evil.example)", "[your bank] (//evil.example)"],
	["end` @channel `", "end' ＠channel '"],
	["a plain sentence: 2 of 3 edges, 50% (dep-1).", "a plain sentence: 2 of 3 edges, 50% (dep-1)."],
])("%s", (text, harmless) => {
	expect(harmlessInChat(text)).toBe(harmless);
});
