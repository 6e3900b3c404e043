// Shows what a visitor sees: asks for the page of a host through the ingress.
import { request } from "node:http";
import { text } from "node:stream/consumers";

export interface Page {
	status: number;
	/** The page's heading, or the first line of an answer that is no page. */
	says: string;
}

/** @param edgeAddress `host:port` of the ingress, which DNS would lead to */
export function visit(host: string, edgeAddress: string): Promise<Page> {
	const [address, port] = edgeAddress.split(":");
	return new Promise((resolve, reject) => {
		const asked = request({ host: address, port, path: "/", headers: { host }, agent: false, timeout: 10_000 }, (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, says: heading(body) }), reject);
		});
		asked.on("timeout", () => asked.destroy(new Error(`http://${host} did not answer within 10 s`)));
		asked.on("error", reject);
		asked.end();
	});
}

function heading(text: string): string {
	return /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? text.split("\n", 1)[0] ?? "";
}
