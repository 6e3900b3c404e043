// Names the source in a stack trace: the built program is a bundle, and the source maps of its files lie beside them.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

/**
 * Read when a fault is told, and not by Node when the program is loaded (`--enable-source-maps`): that takes as long as all the rest of the start.
 * A place that no map knows stays as it is. Never throws.
 */
export function withSources(stack: string, bundle: string = new URL("./", import.meta.url).href): string {
	const maps = new Map<string, SourceMap | undefined>();
	return stack.replace(place, (text: string, url: string, line: string, column: string) => {
		// An error's message may look like a place too; only files of the bundle have maps.
		if (!url.startsWith(bundle)) return text;
		if (!maps.has(url)) maps.set(url, readMap(url));
		const origin = maps.get(url)?.findOrigin(Number(line), Number(column));
		if (!origin || !("fileName" in origin)) return text;
		return `${origin.fileName.replace(/^(?:\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`;
	});
}

const place = /(file:\/\/[^\s()]+\.m?js):(\d{1,9}):(\d{1,9})/g;

function readMap(url: string): SourceMap | undefined {
	try {
		return new SourceMap(JSON.parse(readFileSync(new URL(`${url}.map`), "utf8")));
	} catch {
		// Without it the trace names the place in the bundle, which is true too.
		return undefined;
	}
}
