// Encrypts env values at rest: AES-256-GCM under a key that lives in a file of its own (0600).
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DeploymillError } from "../../errors.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** What a sealed value is longer than the value in UTF-8. */
export const sealedOverheadBytes = nonceBytes + tagBytes;

export class Sealer {
	readonly #keyFile: string;
	readonly #onKey: (key: Buffer) => void;
	#key: Buffer | undefined;

	/**
	 * The key file is made at the first use of the key, not before.
	 * @param onKey told the key before anything is done with it
	 */
	constructor(keyFile: string, onKey: (key: Buffer) => void = () => undefined) {
		this.#keyFile = keyFile;
		this.#onKey = onKey;
	}

	/** Whether there is a key to open anything with. */
	get hasKey(): boolean {
		return this.#key !== undefined || existsSync(this.#keyFile);
	}

	/** nonce, tag, ciphertext. `context` is bound to the value: it opens nowhere else. */
	seal(value: string, context: string): Buffer {
		const nonce = randomBytes(nonceBytes);
		const cipher = createCipheriv("aes-256-gcm", this.#readKey(), nonce);
		cipher.setAAD(Buffer.from(context));
		const ciphertext = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
		return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
	}

	/** @throws internal when the key is another one or the value was tampered with */
	open(sealed: Uint8Array, context: string): string {
		const bytes = Buffer.from(sealed);
		const key = this.#readKey();
		try {
			const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
			decipher.setAAD(Buffer.from(context));
			decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
			return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
		} catch (cause) {
			throw new DeploymillError("internal", `The env value of ${context} cannot be decrypted with the key in ${this.#keyFile}.`, {
				hint: "Restore the key file that the value was written with (DEPLOYMILL_KEY_FILE), or set the variable again with set_env_vars.",
				cause,
			});
		}
	}

	/** Tells whether two values are the same without telling either: keyed, so that short values cannot be guessed. */
	digest(value: string, context: string): string {
		return createHmac("sha256", this.#readKey()).update(`${context}\0${value}`).digest("hex").slice(0, 16);
	}

	#readKey(): Buffer {
		if (this.#key) return this.#key;
		this.#key = readOrCreateKey(this.#keyFile);
		this.#onKey(this.#key);
		return this.#key;
	}
}

function readOrCreateKey(keyFile: string): Buffer {
	const key = readKey(keyFile) ?? createKey(keyFile);
	if (key.length !== keyBytes) {
		throw new DeploymillError("invalid_input", `${keyFile} holds ${key.length} bytes, a key has ${keyBytes}.`, {
			hint: "Point DEPLOYMILL_KEY_FILE at the file deploymill made, or at 32 random bytes.",
		});
	}
	return key;
}

function readKey(keyFile: string): Buffer | undefined {
	try {
		return readFileSync(keyFile);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw new DeploymillError("internal", `The key file ${keyFile} cannot be read.`, { cause: error });
	}
}

/** Written aside and linked into place: of two processes that make it at once, both then read the winner's. */
function createKey(keyFile: string): Buffer {
	mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
	const aside = `${keyFile}.${process.pid}.${randomBytes(4).toString("hex")}`;
	writeFileSync(aside, randomBytes(keyBytes), { mode: 0o600, flag: "wx" });
	try {
		linkSync(aside, keyFile);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	} finally {
		rmSync(aside);
	}
	return readFileSync(keyFile);
}
