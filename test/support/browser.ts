// Starts Debian's Chromium, without a window; installs it first where it is not there.
import { type Browser, chromium } from "playwright-core";

/** Nothing of its own goes out: updates, reports and look-ups are off. */
const quiet = [
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export async function startBrowser(): Promise<Browser> {
	const { ensureCommands } = (await import(new URL("../sandbox/host-packages.mjs", import.meta.url).href)) as {
		ensureCommands(commands: string[]): Promise<void>;
	};
	await ensureCommands(["chromium"]);
	// Tests run as root, and Chromium's own sandbox does not.
	return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", ...quiet] });
}
