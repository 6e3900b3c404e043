// Keeps the table of applications.
import type { Application, ApplicationConfig } from "../../model/application.ts";
import { repositoryHash } from "../../model/repository.ts";
import type { Database, Row } from "./database.ts";
import { forgetEdges } from "./edges.ts";

export function listApplications(database: Database): Application[] {
	return database.all("SELECT * FROM applications ORDER BY created_at DESC, application_id").map(toApplication);
}

export function findApplication(database: Database, applicationId: string): Application | undefined {
	const row = database.get("SELECT * FROM applications WHERE application_id = ?", applicationId);
	return row && toApplication(row);
}

export function findApplicationByRepo(database: Database, repoUrl: string): Application | undefined {
	const row = database.get("SELECT * FROM applications WHERE repo_url = ?", repoUrl);
	return row && toApplication(row);
}

/** Takes the first slug that no application has. Two processes that register one repository get one application. */
export function registerApplication(
	database: Database,
	repoUrl: string,
	slugs: Iterable<string>,
	config: ApplicationConfig,
	configCommit: string,
	repository: string = repositoryHash(repoUrl),
): Application {
	return database.transaction(() => {
		const existing = findApplicationByRepo(database, repoUrl);
		if (existing) {
			updateConfig(database, existing.applicationId, config, configCommit);
			return { ...existing, config, configCommit };
		}
		for (const applicationId of slugs) {
			if (findApplication(database, applicationId)) continue;
			const createdAt = new Date(database.clock.now()).toISOString();
			database.run(
				"INSERT INTO applications VALUES (?, ?, ?, ?, ?, ?)",
				applicationId,
				repoUrl,
				JSON.stringify(config),
				configCommit,
				createdAt,
				repository,
			);
			return { applicationId, repoUrl, repository, config, configCommit, createdAt };
		}
		throw new Error("the sequence of slugs ended before a free one was found");
	});
}

export function updateConfig(database: Database, applicationId: string, config: ApplicationConfig, configCommit: string): void {
	database.transaction(() => {
		database.run(
			"UPDATE applications SET config = ?, config_commit = ? WHERE application_id = ?",
			JSON.stringify(config),
			configCommit,
			applicationId,
		);
		forgetEdges(database, applicationId, config.domains);
	});
}

function toApplication(row: Row): Application {
	return {
		applicationId: String(row.application_id),
		repoUrl: String(row.repo_url),
		repository: row.repository === null ? repositoryHash(String(row.repo_url)) : String(row.repository),
		config: JSON.parse(String(row.config)) as ApplicationConfig,
		configCommit: String(row.config_commit),
		createdAt: String(row.created_at),
	};
}
