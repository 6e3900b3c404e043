// Makes the image `node:24-slim` that test applications are built from: a stand-in for the public one, which no sandbox can pull.
import { join } from "node:path";
import { cachedTree } from "./debootstrap.mjs";
import { ensureImage } from "./images.mjs";

const NAME = "node:24-slim";

/** Always forky, whatever the engine's suite: it is the one that has Node 24. */
const recipe = {
	name: "node-24-slim",
	suite: "forky",
	variant: "minbase",
	packages: ["nodejs", "ca-certificates", "wget"],
	options: [
		"--dpkgopt=path-exclude=/usr/share/doc/*",
		"--dpkgopt=path-exclude=/usr/share/man/*",
		"--dpkgopt=path-exclude=/usr/share/locale/*",
		// as in the public image: the user `node`, and node where Dockerfiles name it by its path
		'--customize-hook=chroot "$1" useradd --uid 1000 --create-home --shell /bin/bash node',
		'--customize-hook=ln -s /usr/bin/node "$1/usr/local/bin/node"',
	],
	output: "root.tar",
};

const config = ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 'CMD ["node"]'];

/** @returns {Promise<string>} path of the cached tar archive */
export const ensureBaseArchive = async () => join(await cachedTree(recipe), recipe.output);

/** @param {string} socket a node's @param {string} archive @returns {Promise<string>} the image's id */
export const ensureBaseImage = (socket, archive) => ensureImage(socket, NAME, archive, config);
