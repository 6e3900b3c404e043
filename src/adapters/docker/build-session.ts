// Answers BuildKit's requests for registry credentials during one build: for our registry, and for no other.
import { randomUUID } from "node:crypto";
import { Server, ServerCredentials, type ServiceDefinition, type sendUnaryData, type UntypedServiceImplementation } from "@grpc/grpc-js";
import protobuf from "protobufjs/light.js";
import { isSameRegistry } from "../../config/registry-name.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import type { DockerClient } from "./client.ts";

export interface BuildSession extends Disposable {
	/** For the build's `session` option. */
	id: string;
}

/** Reads credentials anew for each question. Undefined: anonymous. */
export type ReadCredentials = () => Promise<RegistryCredentials | undefined>;

/**
 * Opens a session on a connection of its own. dockerode's session is not used: it hands its credentials to whatever host a
 * Dockerfile's FROM names, and leaks its socket when a build is aborted. Dispose to close it.
 * @throws docker_unreachable, EngineError
 */
export async function openBuildSession(client: DockerClient, readCredentials: ReadCredentials): Promise<BuildSession> {
	const id = randomUUID();
	const headers = { Upgrade: "h2c", "X-Docker-Expose-Session-Uuid": id, "X-Docker-Expose-Session-Name": "deploymill" };
	const socket = await client.upgrade({ path: "/session", method: "POST", headers });
	const server = new Server();
	server.addService(authService, answerFor(readCredentials));
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

function answerFor(readCredentials: ReadCredentials): UntypedServiceImplementation {
	return {
		Credentials(call: { request: CredentialsRequest }, done: sendUnaryData<CredentialsResponse>) {
			credentialsFor(call.request.Host, readCredentials).then(
				(answer) => done(null, answer),
				(error: Error) => done(error),
			);
		},
	};
}

/** An empty answer lets BuildKit try anonymously. */
async function credentialsFor(host: string, readCredentials: ReadCredentials): Promise<CredentialsResponse> {
	const credentials = await readCredentials();
	if (!credentials || !isSameRegistry(credentials.serverAddress, host)) return {};
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
