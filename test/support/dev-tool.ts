// Finds the programs of the development dependencies, and makes the environment they run in.
import { delimiter, join } from "node:path";

const binaries = join(import.meta.dirname, "../../node_modules/.bin");

export function devTool(name: string): string {
	return join(binaries, name);
}

/** The Node of this repository first: the programs start themselves by `env node`. */
export const devPath = [binaries, process.env.PATH].join(delimiter);
