// Checks the data folder: it is ours alone, can be written, its database opens, and there is room.
import { mkdir, mkdtemp, rmdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { refuseOpenData } from "../../adapters/data-folder.ts";
import { openStore } from "../../adapters/sqlite/store.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import type { Settings } from "../../config/settings.ts";
import { DeploymillError } from "../../errors.ts";
import type { Redactor } from "../../redact.ts";
import type { Finding } from "./check.ts";

const leastFreeBytes = 100e6;
const littleFreeBytes = 1e9;

/** Makes the folder where it is missing, as the server would. From here on all env values are masked. */
export async function lookAtDataFolder({ dataFolder, keyFile }: Settings, redactor: Redactor): Promise<Finding<string>> {
	await requireWritable(dataFolder);
	const { mode } = await stat(dataFolder);
	if ((mode & 0o077) !== 0) {
		const shown = (mode & 0o777).toString(8).padStart(4, "0");
		throw unusable(`${dataFolder} has mode ${shown}: other users of this machine may enter it.`, `chmod 700 ${dataFolder}`);
	}
	refuseOpenData(dataFolder, keyFile);
	openDatabase(dataFolder, keyFile, redactor);
	const detail = `${dataFolder} can be written, is closed to others, and its database opens`;
	if (!(await isReadByOthers(keyFile))) return { detail, value: dataFolder };
	return { detail: `${detail}; the key file ${keyFile} can be read by others`, cure: `chmod 600 ${keyFile}`, value: dataFolder };
}

async function isReadByOthers(keyFile: string): Promise<boolean> {
	const found = await stat(keyFile).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT") throw error;
	});
	return found !== undefined && (found.mode & 0o044) !== 0;
}

export async function lookAtDisk(dataFolder: string): Promise<Finding<undefined>> {
	const { bavail, bsize } = await statfs(dataFolder);
	const freeBytes = bavail * bsize;
	const detail = `${(freeBytes / 1e9).toFixed(1)} GB free at ${dataFolder}`;
	const cure = "Make room: build logs, checkouts and the database live there.";
	if (freeBytes < leastFreeBytes) throw unusable(`Only ${detail}.`, cure);
	return { detail, ...(freeBytes < littleFreeBytes ? { cure } : {}), value: undefined };
}

/** Really makes something: rights alone do not tell of a read-only or full file system. */
async function requireWritable(dataFolder: string): Promise<void> {
	try {
		await mkdir(dataFolder, { recursive: true, mode: 0o700 });
		await rmdir(await mkdtemp(join(dataFolder, "doctor-")));
	} catch (cause) {
		throw unusable(
			`${dataFolder} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
			"Give it to the user that runs deploymill, or set DEPLOYMILL_DATA_DIR to a folder of that user.",
			cause,
		);
	}
}

function openDatabase(dataFolder: string, keyFile: string, redactor: Redactor): void {
	try {
		const store = openStore(join(dataFolder, "deploymill.db"), keyFile, (value) => redactor.addEnvValue(value), systemClock);
		store.tellEnvValues();
		store.close();
	} catch (cause) {
		if (cause instanceof DeploymillError) throw cause;
		throw unusable(
			`The database in ${dataFolder} does not open: ${(cause as Error).message}.`,
			"Restore deploymill.db from a copy, or set DEPLOYMILL_DATA_DIR to another folder.",
			cause,
		);
	}
}

function unusable(message: string, hint: string, cause?: unknown): DeploymillError {
	return new DeploymillError("internal", message, { hint, cause });
}
