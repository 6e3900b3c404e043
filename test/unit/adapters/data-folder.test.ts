import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { prepareDataFolder, refuseOpenData } from "../../../src/adapters/data-folder.ts";
import { DeploymillError } from "../../../src/errors.ts";

const me = process.geteuid?.() ?? 0;
const other = 65_533;

/** An own folder below the machine's one for temporary ones, which all may write to and which has the sticky bit. */
function folder(mode = 0o700): string {
	const path = join(realpathSync(mkdtempSync(join(tmpdir(), "deploymill-data-"))), "data");
	onTestFinished(() => rmSync(join(path, ".."), { recursive: true }));
	mkdirSync(path);
	chmodSync(path, mode);
	return path;
}

function refusal(dataFolder: string, keyFile = join(dataFolder, "key"), uid = me) {
	try {
		refuseOpenData(dataFolder, keyFile, uid);
	} catch (error) {
		if (error instanceof DeploymillError) return error.toBody();
		throw error;
	}
	return undefined;
}

test("a folder is made for its owner alone, and is fine", () => {
	const path = join(folder(), "new", "data");
	prepareDataFolder(path, join(path, "key"));
	expect(statSync(path).mode & 0o777).toBe(0o700);
	writeFileSync(join(path, "deploymill.db"), "");
	mkdirSync(join(path, "logs"));
	expect(refusal(path)).toBeUndefined();
});

test.each([0o700, 0o750, 0o755, 0o500])("mode %o can be written by nobody else", (mode) => {
	expect(refusal(folder(mode))).toBeUndefined();
});

describe("what others could write to is refused", () => {
	test.each([
		[0o777, "0777", "every user of this machine"],
		[0o707, "0707", "every user of this machine"],
		[0o1777, "1777", "every user of this machine"],
	])("the folder itself: %o", (mode, shown, who) => {
		const path = folder(mode);
		expect(refusal(path)).toMatchObject({
			code: "invalid_input",
			message: `DEPLOYMILL_DATA_DIR: ${path} has mode ${shown}: ${who} could change it.`,
			hint: expect.stringContaining(`chmod go-w ${path}, or set DEPLOYMILL_DATA_DIR`),
			retryable: false,
		});
	});

	test.each(["deploymill.db", "deploymill.db-wal", "key", "logs", "checkouts"])("%s in it", (name) => {
		const path = folder();
		if (name.includes("log") || name === "checkouts") mkdirSync(join(path, name));
		else writeFileSync(join(path, name), "");
		chmodSync(join(path, name), 0o666);
		expect(refusal(path)?.message).toBe(
			`DEPLOYMILL_DATA_DIR: ${join(path, name)} has mode 0666: every user of this machine could change it.`,
		);
	});

	test("a folder on the way, unless it has the sticky bit", () => {
		const path = join(folder(0o777), "inner");
		mkdirSync(path, { mode: 0o700 });
		expect(refusal(path)?.message).toContain("has mode 0777: every user of this machine could change what is in it.");
		chmodSync(join(path, ".."), 0o1777);
		expect(refusal(path)).toBeUndefined();
		expect(refusal(join(path, "not", "made", "yet"))).toBeUndefined();
	});

	test("a folder on the way of a link, and of a link behind that", () => {
		const open = folder(0o777);
		const path = folder();
		mkdirSync(join(open, "inner"), { mode: 0o700 });
		symlinkSync(path, join(open, "link"));
		symlinkSync(join(open, "link"), join(path, "outer"));
		for (const led of [join(open, "link"), join(path, "outer")]) expect(refusal(led)?.message).toContain(`${open} has mode 0777`);
		symlinkSync("round", join(path, "round"));
		expect(refusal(join(path, "round"))?.message).toContain("leads through more than 40 links");
	});

	test("the key file elsewhere, and what leads to it", () => {
		const path = folder();
		const open = folder(0o777);
		const key = join(folder(), "key");
		expect(refusal(path, key)).toBeUndefined();
		writeFileSync(key, "", { mode: 0o600 });
		expect(refusal(path, key)).toBeUndefined();
		chmodSync(key, 0o602);
		expect(refusal(path, key)).toMatchObject({
			message: `DEPLOYMILL_KEY_FILE: ${key} has mode 0602: every user of this machine could change it.`,
			hint: expect.stringContaining("DEPLOYMILL_KEY_FILE"),
		});
		expect(refusal(path, join(open, "key"))?.message).toContain("could change what is in it.");
	});
});

test.skipIf(me !== 0)("a group that only this user is in does not count as others", () => {
	const path = folder(0o770);
	chownSync(path, 0, 0);
	expect(refusal(path)).toBeUndefined();
	chownSync(path, 0, other);
	expect(refusal(path)?.message).toBe(`DEPLOYMILL_DATA_DIR: ${path} has mode 0770: the group ${other} could change it.`);
});

describe.skipIf(me !== 0)("what another user owns is refused", () => {
	test("the folder, a folder on the way, and a file in it", () => {
		const path = folder();
		chownSync(path, other, other);
		expect(refusal(path)).toMatchObject({
			message: `DEPLOYMILL_DATA_DIR: ${path} belongs to the user with id ${other}, and deploymill runs as 0: that user could change it.`,
			hint: expect.stringContaining(`chown 0 ${path}`),
		});
		const inner = join(path, "inner");
		mkdirSync(inner, { mode: 0o700 });
		expect(refusal(inner)?.message).toContain(`${path} belongs to the user with id ${other}`);
		const own = folder();
		writeFileSync(join(own, "deploymill.db"), "", { mode: 0o600 });
		chownSync(join(own, "deploymill.db"), other, other);
		expect(refusal(own)?.message).toContain("deploymill.db belongs to the user");
	});

	test("a link in a folder that all may write to", () => {
		const all = folder(0o1777);
		const path = folder();
		symlinkSync(path, join(all, "link"));
		expect(refusal(join(all, "link"))).toBeUndefined();
		rmSync(join(all, "link"));
		chownSync(all, other, other);
		expect(refusal(join(all, "link"))?.message).toContain("belongs to the user");
	});

	test("but root is no other user", () => {
		const path = folder(0o755);
		expect(refusal(path, undefined, other)).toBeUndefined();
	});
});
