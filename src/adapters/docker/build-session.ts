// Answers BuildKit's requests for registry credentials during one build: each registry is given its own login, and no other's.
import { randomUUID } from "node:crypto";
import { Server, ServerCredentials, type ServiceDefinition, type sendUnaryData, type UntypedServiceImplementation } from "@grpc/grpc-js";
import protobuf from "protobufjs/light.js";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient } from "./client.ts";

export interface BuildSession extends Disposable {
	/** For the build's `session` option. */
	id: string;
}

/** Reads the login of a registry (`host[:port]`) anew for each question. Undefined: anonymous. May throw a DeploymillError. */
export type ReadLogin = (registryHost: string) => Promise<RegistryCredentials | undefined>;

/**
 * Opens a session on a connection of its own. `note` is given a line for the build's log. dockerode's session is not used: it hands its credentials to whatever host a
 * Dockerfile's FROM names, and leaks its socket when a build is aborted. Dispose to close it.
 * @throws docker_unreachable, EngineError
 */
export async function openBuildSession(client: DockerClient, readLogin: ReadLogin, note: (text: string) => void): Promise<BuildSession> {
	const id = randomUUID();
	const headers = { Upgrade: "h2c", "X-Docker-Expose-Session-Uuid": id, "X-Docker-Expose-Session-Name": "deploymill" };
	const socket = await client.upgrade({ path: "/session", method: "POST", headers });
	const server = new Server();
	server.addService(authService, answerFor(readLogin, note));
	server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
	return {
		id,
		[Symbol.dispose]: () => {
			server.forceShutdown();
			socket.destroy();
		},
	};
}

interface CredentialsRequest {
	Host: string;
}
interface CredentialsResponse {
	Username?: string;
	Secret?: string;
}

function answerFor(readLogin: ReadLogin, note: (text: string) => void): UntypedServiceImplementation {
	return {
		Credentials(call: { request: CredentialsRequest }, done: sendUnaryData<CredentialsResponse>) {
			const { Host: host } = call.request;
			credentialsFor(host, readLogin).then(
				(answer) => done(null, answer),
				(error: unknown) => {
					// A helper that is broken must not keep a build from an image that everybody may pull.
					const why = error instanceof DeploymillError ? error.message : "it could not be read";
					note(`no login for ${host}, tried without one: ${why}`);
					done(null, {});
				},
			);
		},
	};
}

/** What a registry's name is made of: a Dockerfile chooses it, and a credential helper is asked for it. */
const registryHost = /^[A-Za-z0-9.:[\]_-]{1,255}$/;

/** An empty answer lets BuildKit try anonymously. */
async function credentialsFor(host: string, readLogin: ReadLogin): Promise<CredentialsResponse> {
	const credentials = registryHost.test(host) ? await readLogin(host) : undefined;
	if (!credentials) return {};
	// BuildKit takes a secret without a user name for an identity token.
	if (credentials.identityToken) return { Username: "", Secret: credentials.identityToken };
	return { Username: credentials.username, Secret: credentials.password };
}

/** The one method of BuildKit's `moby.filesync.v1.Auth` that is answered; it does without the others. */
const proto = protobuf.Root.fromJSON({
	nested: {
		CredentialsRequest: { fields: { Host: { type: "string", id: 1 } } },
		CredentialsResponse: { fields: { Username: { type: "string", id: 1 }, Secret: { type: "string", id: 2 } } },
	},
});

const authService: ServiceDefinition = {
	Credentials: {
		path: "/moby.filesync.v1.Auth/Credentials",
		requestStream: false,
		responseStream: false,
		...codec("request", "CredentialsRequest"),
		...codec("response", "CredentialsResponse"),
	},
} as unknown as ServiceDefinition;

function codec(direction: "request" | "response", typeName: string): Record<string, unknown> {
	const type = proto.lookupType(typeName);
	return {
		[`${direction}Serialize`]: (value: object) => Buffer.from(type.encode(type.fromObject(value)).finish()),
		[`${direction}Deserialize`]: (bytes: Buffer) => type.toObject(type.decode(bytes), { defaults: true }),
	};
}
