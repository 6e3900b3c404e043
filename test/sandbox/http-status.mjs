// Asks an HTTP server whether it is there: one GET, its status.
import { request } from "node:http";

/**
 * @param {string} url @param {{auth?: string, headers?: Record<string, string>}} [options] auth is `user:password`
 * @returns {Promise<number>} rejects when there is no answer within some seconds
 */
export function httpStatus(url, { auth, headers } = {}) {
	return new Promise((resolve, reject) => {
		const call = request(url, { auth, headers, timeout: 5_000, agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode);
		});
		call.once("timeout", () => call.destroy(new Error(`${url} does not answer`)));
		call.once("error", reject);
		call.end();
	});
}
