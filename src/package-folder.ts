// Names the folder that deploymill is installed in. `src/` and the built `dist/` lie directly in it, and this directly in them.
export const packageFolder = new URL("../", import.meta.url);
