// Starts loopback servers for tests: each listens on a free port and goes away with its test.
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificate.ts";

/** @returns the port of an HTTP server on 127.0.0.1, HTTPS with a certificate */
export async function serve(handler: http.RequestListener, certificate?: Certificate): Promise<number> {
	const server = certificate ? https.createServer(certificate, handler) : http.createServer(handler);
	return listen(server, () => server.closeAllConnections());
}

/** @returns the port of a bare TCP server on 127.0.0.1 */
export async function serveSocket(handler: (socket: net.Socket) => void): Promise<number> {
	const sockets = new Set<net.Socket>();
	const server = net.createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => undefined);
		handler(socket);
	});
	return listen(server, () => {
		for (const socket of sockets) socket.destroy();
	});
}

/** @returns a port of 127.0.0.1 on which nothing listens */
export async function closedPort(): Promise<number> {
	const server = net.createServer();
	const port = await start(server);
	await new Promise((resolve) => server.close(resolve));
	return port;
}

async function listen(server: net.Server, disconnect: () => void): Promise<number> {
	const port = await start(server);
	onTestFinished(async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		disconnect();
		await closed;
	});
	return port;
}

async function start(server: net.Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}
