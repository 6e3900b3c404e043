// Reads .deploymill/project.json: from its text to the application's configuration, or to everything that is wrong with it.
import { DeploymillError } from "../errors.ts";
import type { ApplicationConfig, RollbackMode } from "../model/application.ts";
import { describeIssues } from "./issue-lines.ts";
import { asObject } from "./json-object.ts";
import { readJson } from "./project-json.ts";
import { findContradictions, findExcess, findIgnored, findWarnings, workloadOf } from "./project-rules.ts";
import { type Project, projectSchema } from "./project-schema.ts";

/** Where the file is in a repository. */
export const projectFilePath = ".deploymill/project.json";

export interface ParsedProject {
	config: ApplicationConfig;
	/** Whether the file says how many replicas there are to be. */
	declaresReplicas: boolean;
	/** Fields of the file that this server does not act on. */
	ignored: string[];
	/** A sentence each, beginning with the field. */
	warnings: string[];
}

/** A file with more problems than this is not a project file, and nobody reads on. */
const mostProblems = 30;
const mostCharacters = 3000;

/**
 * Reads the text of a project file.
 * @throws project_file_invalid; the message has a line for every problem, beginning with its path
 */
export function parseProjectFile(text: string): ParsedProject {
	const reading = readJson(text);
	if (reading.problems) throw invalid(reading.problems);
	const raw = asObject(reading.value);
	const { data, error } = projectSchema.safeParse(reading.value);
	const excess = raw ? findExcess(raw) : [];
	const issues = error?.issues.filter(({ path }) => !excess.includes(String(path[0]))) ?? [];
	const problems = [...describeIssues(projectSchema, issues), ...(raw ? findContradictions(raw) : [])];
	if (!raw || !data || problems.length > 0) throw invalid(problems);
	const declaresReplicas = Object.hasOwn(raw, "replicas");
	return { config: toConfig(data, raw), declaresReplicas, ignored: findIgnored(raw), warnings: findWarnings(data, raw) };
}

function toConfig(project: Project, raw: Record<string, unknown>): ApplicationConfig {
	const { name, port, domains, health, mounts, resources, replicas, build, migrations } = project;
	return {
		name,
		workload: workloadOf(raw) ?? "worker",
		...(port === undefined ? {} : { port }),
		domains: domains ? unique([domains.prod, ...domains.custom]) : [],
		rollback: rollbackMode(project.rollback),
		health,
		healthDeclared: Object.hasOwn(raw, "health"),
		mounts,
		resources: {
			...(resources.cpu === undefined ? {} : { cpu: resources.cpu }),
			...(resources.memoryMb === undefined ? {} : { memoryMb: resources.memoryMb }),
		},
		replicas,
		build,
		migrations: unique(migrations),
	};
}

function rollbackMode(rollback: Project["rollback"]): RollbackMode {
	return { enabled: rollback !== false, auto: rollback === "auto" };
}

function invalid(problems: string[]): DeploymillError {
	let characters = 0;
	const isShown = (problem: string, index: number) => {
		characters += problem.length;
		return index < mostProblems && (index === 0 || characters <= mostCharacters);
	};
	const hidden = problems.findIndex((problem, index) => !isShown(problem, index));
	const lines = hidden < 0 ? problems : [...problems.slice(0, hidden), `and ${problems.length - hidden} more`];
	return new DeploymillError("project_file_invalid", lines.join("\n"));
}

function unique(items: string[]): string[] {
	return [...new Set(items)];
}
