// Owns the ids that agents copy from one call to the next: short, unguessable, safe in a tag, a file name and a label.
import { randomInt } from "node:crypto";

/** Without letters and digits that are mistaken for each other. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

export function newDeploymentId(): string {
	return `dep-${randomText(12)}`;
}

export function newRollbackId(): string {
	return `rb-${randomText(12)}`;
}

export function randomText(length: number): string {
	return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}
