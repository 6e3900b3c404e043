import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knowNamedSecrets } from "../../../src/config/known-secrets.ts";
import { readNotifyTarget } from "../../../src/config/notify.ts";
import { Redactor } from "../../../src/redact.ts";

const folder = mkdtempSync(join(tmpdir(), "deploymill-notify-"));
afterAll(() => rmSync(folder, { recursive: true }));

const token = "B00000000-XXXXXXXXXXXXXXXXXXXXXXXX";
const address = `https://chat.example.com/hooks/${token}?thread=0123456789abcdef`;

test("no address is no receiver", async () => {
	expect(await readNotifyTarget({}, new Redactor())).toBeUndefined();
});

test("from variables, or from files that are read anew", async () => {
	const file = join(folder, "url");
	writeFileSync(file, `${address}\n`);
	const env = { DEPLOYMILL_NOTIFY_URL_FILE: file, DEPLOYMILL_NOTIFY_SECRET: "sign it with this" };
	expect(await readNotifyTarget(env, new Redactor())).toEqual({ url: new URL(address), secret: "sign it with this" });
	writeFileSync(file, "https://other.example.com/");
	expect((await readNotifyTarget(env, new Redactor()))?.url.host).toBe("other.example.com");
});

test("an address that is none is refused, and not shown", async () => {
	const file = join(folder, "wrong");
	writeFileSync(file, `chat.example.com/${token}`);
	await expect(readNotifyTarget({ DEPLOYMILL_NOTIFY_URL_FILE: file }, new Redactor())).rejects.toMatchObject({
		code: "invalid_input",
		message: expect.not.stringContaining(token),
	});
});

test.each([
	["read", (redactor: Redactor) => readNotifyTarget({ DEPLOYMILL_NOTIFY_URL: address }, redactor)],
	["known from the start", async (redactor: Redactor) => knowNamedSecrets({ DEPLOYMILL_NOTIFY_URL: address }, redactor)],
])("once it is %s, it is masked as a whole and in its parts; words of it are not", async (_how, learn) => {
	const redactor = new Redactor();
	await learn(redactor);
	for (const part of [address, `/hooks/${token}?thread=0123456789abcdef`, token, "0123456789abcdef"]) {
		expect(redactor.maskSecrets(`[ ${part} ]`)).toBe("[ *** ]");
	}
	expect(redactor.maskSecrets("the hooks of chat.example.com")).toBe("the hooks of chat.example.com");
});
