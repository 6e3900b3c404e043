// Writes the Dockerfiles of tests that need a build of their own kind.

/** The web fixture's Dockerfile with one more step. To be really run each time, the step must hold a name that no other run has. */
export function dockerfileWith(step: string): string {
	return `FROM node:24-slim\nWORKDIR /app\nCOPY app.js behaviour.json ./\nRUN ${step}\nCMD ["node", "app.js"]\n`;
}
