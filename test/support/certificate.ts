// Makes the certificates that test servers show, with the openssl command line; trusted only where a test says so.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Certificate {
	key: string;
	cert: string;
}

/** A self-signed certificate for these names (`DNS:a.test`, `IP:127.0.0.1`); negative `days` make an expired one. */
export async function makeCertificate(names: string[], days = 1): Promise<Certificate> {
	const folder = await mkdtemp(join(tmpdir(), "deploymill-certificate-"));
	const [key, request, cert] = ["key", "request", "cert"].map((name) => join(folder, name)) as [string, string, string];
	const extension = `subjectAltName=${names.join(",")}`;
	try {
		// Of two with one subject, whoever trusts both finds only one of them.
		const subject = ["-subj", `/CN=deploymill test ${basename(folder)}`, "-addext", extension];
		const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
		await run("openssl", ["req", "-new", ...curve, "-keyout", key, "-out", request, ...subject]);
		const signing = ["-signkey", key, "-days", String(days), "-copy_extensions", "copy"];
		await run("openssl", ["x509", "-req", "-in", request, ...signing, "-out", cert]);
		return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
	} finally {
		await rm(folder, { recursive: true });
	}
}
