// Reads the TLS files of a Docker endpoint: the three PEM files docker knows, in one folder.
import { join, resolve } from "node:path";
import { DeploymillError } from "../errors.ts";
import { readIfThere } from "./docker-config.ts";
import { quoteFile } from "./quote.ts";
import { dockerFolder } from "./user-folders.ts";

/** PEM texts. Without `ca` the system's authorities count; without `verify` the server's certificate is not checked at all. */
export interface DockerTls {
	ca?: string;
	cert?: string;
	key?: string;
	verify: boolean;
}

/** What `DOCKER_TLS_VERIFY`, `DOCKER_TLS` and `DOCKER_CERT_PATH` ask for; any value but the empty one turns the first two on, as in docker. */
export function readEnvironmentTls(env: NodeJS.ProcessEnv): DockerTls | undefined {
	const verify = Boolean(env.DOCKER_TLS_VERIFY);
	if (!verify && !env.DOCKER_TLS) return undefined;
	const folder = env.DOCKER_CERT_PATH ? resolve(env.DOCKER_CERT_PATH) : dockerFolder(env);
	const tls = readTlsFolder(folder, verify);
	if (verify && tls?.ca === undefined) {
		throw new DeploymillError("docker_unreachable", `DOCKER_TLS_VERIFY is set, but there is no ca.pem in ${quoteFile(folder)}`, {
			retryable: false,
			hint: "Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
		});
	}
	return tls ?? { verify };
}

/** `ca.pem`, `cert.pem` and `key.pem` of a folder; undefined where none of them is. */
export function readTlsFolder(folder: string, verify: boolean): DockerTls | undefined {
	const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => readIfThere(join(folder, name), "docker_unreachable"));
	if ((cert === undefined) !== (key === undefined)) {
		throw new DeploymillError("docker_unreachable", `cert.pem and key.pem belong together, but ${quoteFile(folder)} has only one of them`, {
			retryable: false,
			hint: "Put both files of the client's certificate there, or none.",
		});
	}
	if (ca === undefined && cert === undefined) return undefined;
	return { verify, ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
}
