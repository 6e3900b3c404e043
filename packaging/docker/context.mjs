// Makes the build context of the image: `npm run pack:docker -- FOLDER`, then `docker build -t deploymill FOLDER`.
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stage } from "../stage.mjs";

const [target] = process.argv.slice(2);
if (!target) throw new Error("usage: npm run pack:docker -- FOLDER");
const folder = resolve(target);
stage(folder);
for (const name of ["Dockerfile", "entrypoint.sh"]) {
	copyFileSync(fileURLToPath(new URL(name, import.meta.url)), join(folder, name));
}
process.stdout.write(`${folder}\n`);
