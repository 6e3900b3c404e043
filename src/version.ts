// Reads the version of this deploymill from its package.json.
import { readFileSync } from "node:fs";
import { packageFolder } from "./package-folder.ts";

export const version: string = (JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as { version: string }).version;
