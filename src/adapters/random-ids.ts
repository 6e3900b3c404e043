// Makes the ids that agents copy from one call to the next.
import { randomInt } from "node:crypto";
import type { Ids } from "../engine/ports/ids.ts";

/** Without letters and digits that are mistaken for each other. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
const length = 12;

export const randomIds: Ids = {
	next: (kind) => `${kind}-${Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("")}`,
};
