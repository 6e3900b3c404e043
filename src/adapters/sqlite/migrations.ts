// Defines the database schema as forward-only steps, one per version. A step that has shipped is never changed.

/** Index 0 leads from an empty file to version 1, and so on. */
export const migrations: readonly string[] = [
	/* 1: applications, their history, rollback points, and one lock per application */ `
	CREATE TABLE applications (
		application_id TEXT PRIMARY KEY,
		repo_url TEXT NOT NULL UNIQUE,
		config TEXT NOT NULL,
		config_commit TEXT NOT NULL,
		created_at TEXT NOT NULL
	) STRICT;

	CREATE TABLE deployments (
		sequence INTEGER PRIMARY KEY AUTOINCREMENT,
		deployment_id TEXT NOT NULL UNIQUE,
		application_id TEXT NOT NULL REFERENCES applications(application_id),
		kind TEXT NOT NULL,
		status TEXT NOT NULL,
		phase TEXT NOT NULL,
		outcome TEXT,
		verdict TEXT,
		step TEXT,
		request TEXT NOT NULL,
		request_id TEXT,
		reason TEXT,
		requested_by TEXT NOT NULL,
		started_at TEXT NOT NULL,
		finished_at TEXT,
		phases TEXT NOT NULL,
		phase_started_at TEXT NOT NULL,
		cancel TEXT,
		facts TEXT NOT NULL
	) STRICT;
	CREATE INDEX deployments_of_application ON deployments(application_id, sequence);
	CREATE INDEX deployments_running ON deployments(status) WHERE status = 'running';
	CREATE UNIQUE INDEX deployments_by_request ON deployments(application_id, request_id) WHERE request_id IS NOT NULL;

	CREATE TABLE rollback_points (
		rollback_id TEXT PRIMARY KEY,
		application_id TEXT NOT NULL REFERENCES applications(application_id),
		deployment_id TEXT NOT NULL UNIQUE REFERENCES deployments(deployment_id),
		reference TEXT NOT NULL,
		digest TEXT NOT NULL,
		created_at TEXT NOT NULL,
		unusable_because TEXT
	) STRICT;
	CREATE INDEX rollback_points_of_application ON rollback_points(application_id);

	CREATE TABLE locks (
		application_id TEXT PRIMARY KEY REFERENCES applications(application_id),
		deployment_id TEXT NOT NULL,
		owner TEXT,
		requested_by TEXT NOT NULL,
		since TEXT NOT NULL,
		expires_at INTEGER NOT NULL
	) STRICT;`,

	/* 2: environment variables, encrypted */ `
	CREATE TABLE env_vars (
		application_id TEXT NOT NULL REFERENCES applications(application_id),
		name TEXT NOT NULL,
		sealed BLOB NOT NULL,
		PRIMARY KEY (application_id, name)
	) STRICT, WITHOUT ROWID;`,

	/* 3: what a swap replaces; which points were given up because their image never ran, and those whose target's were by mistake */ `
	CREATE TABLE swap_journals (
		application_id TEXT PRIMARY KEY REFERENCES applications(application_id),
		deployment_id TEXT NOT NULL,
		sealed BLOB NOT NULL
	) STRICT, WITHOUT ROWID;

	ALTER TABLE rollback_points ADD COLUMN never_ran INTEGER NOT NULL DEFAULT 0;

	UPDATE rollback_points SET unusable_because = NULL
	WHERE unusable_because = 'its deployment was cancelled before it ran'
		AND deployment_id IN (SELECT deployment_id FROM deployments WHERE status <> 'cancelled');`,

	/* 4: applications whose deployments are held */ `
	CREATE TABLE deployments_holds (
		application_id TEXT PRIMARY KEY REFERENCES applications(application_id),
		held_by TEXT NOT NULL,
		since TEXT NOT NULL,
		reason TEXT
	) STRICT, WITHOUT ROWID;`,

	/* 5: releases that are live and not yet trusted */ `
	CREATE TABLE probations (
		deployment_id TEXT PRIMARY KEY REFERENCES deployments(deployment_id),
		application_id TEXT NOT NULL REFERENCES applications(application_id),
		is_open INTEGER NOT NULL,
		record TEXT NOT NULL,
		watcher TEXT,
		expires_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX probations_open ON probations(application_id) WHERE is_open = 1;`,

	/* 6: events: all that were recorded, those that wait to be sent, and who is sending (no row: nobody ever was to) */ `
	CREATE TABLE events (
		sequence INTEGER PRIMARY KEY AUTOINCREMENT,
		delivery_id TEXT NOT NULL UNIQUE,
		event TEXT NOT NULL,
		waits INTEGER NOT NULL
	) STRICT;
	CREATE INDEX events_waiting ON events(sequence) WHERE waits = 1;

	CREATE TABLE event_sender (
		one INTEGER PRIMARY KEY CHECK (one = 1),
		owner TEXT,
		expires_at INTEGER NOT NULL
	) STRICT;`,

	/* 7: what is remembered of edges. Of old deployments only that an edge was reached is taken over: on which path is not known */ `
	CREATE TABLE edges (
		application_id TEXT NOT NULL REFERENCES applications(application_id),
		url TEXT NOT NULL,
		path TEXT NOT NULL,
		routed_at TEXT,
		healthy_at TEXT,
		healthy_mode TEXT,
		healthy_by TEXT,
		PRIMARY KEY (application_id, url)
	) STRICT, WITHOUT ROWID;

	INSERT INTO edges (application_id, url, path, routed_at)
	SELECT application_id, edge.value ->> '$.url', coalesce(applications.config ->> '$.health.path', '/healthz'), max(finished_at)
	FROM deployments JOIN applications USING (application_id), json_each(deployments.facts, '$.health.edges') AS edge
	WHERE edge.value ->> '$.verdict' = 'healthy' AND finished_at IS NOT NULL
	GROUP BY application_id, edge.value ->> '$.url';`,

	/* 8: by which hash others know an application's repository; null: by that of its address as it is spelled here */ `
	ALTER TABLE applications ADD COLUMN repository TEXT;`,

	/* 9: rollback points that are usable are found among any number of others */ `
	CREATE INDEX rollback_points_usable ON rollback_points(application_id) WHERE unusable_because IS NULL;`,

	/* 10: what was put on a service last is found among any number of deployments, at each end of one */ `
	CREATE INDEX deployments_put_order ON deployments(application_id, facts ->> 'putOrder');`,

	/* 11: what came to something is found among any number that came to nothing; what was put there before its order was recorded came before */ `
	CREATE INDEX deployments_telling ON deployments(application_id, sequence)
		WHERE kind <> 'deploy' OR verdict = 'unhealthy' OR facts ->> 'rolledOver' IS NOT 0;

	UPDATE deployments SET facts = json_set(facts, '$.putOrder', sequence - 1 - (SELECT max(sequence) FROM deployments))
	WHERE facts ->> 'putOrder' IS NULL AND status <> 'running' AND (facts ->> 'rolledOver' IS 1 OR facts ->> 'runsOn' IS NOT NULL);`,

	/* 12: the usable rollback points of one image are found among any number of another's */ `
	CREATE INDEX rollback_points_of_image ON rollback_points(application_id, digest) WHERE unusable_because IS NULL;`,
];
