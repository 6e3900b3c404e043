// Makes folders of files that tests build images from.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface CheckoutFolder extends AsyncDisposable {
	directory: string;
}

/** A folder with these files (by path relative to it), removed on disposal. */
export async function checkoutFolder(files: Record<string, string>): Promise<CheckoutFolder> {
	const directory = await mkdtemp(join(tmpdir(), "deploymill-checkout-"));
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(directory, path)), { recursive: true });
		await writeFile(join(directory, path), text);
	}
	return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}
