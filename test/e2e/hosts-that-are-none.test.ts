import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

describe("A domain that is an address, or the machine itself", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("is refused by what a URL parser makes of it, each with its field", async () => {
		const custom = ["app.0x1", "0177.1", "2130706433", "localhost", "App.Localhost", "ip6-loopback"];
		const repo = await bed.project("inner", { project: { domains: { prod: "0x7f000001", custom } } });
		const error = await server.refusal("reconcile_project", { repoUrl: repo.repoUrl });
		expect(error.code).toBe("project_file_invalid");
		for (const [index, host] of custom.entries()) expect(error.message).toContain(`domains.custom[${index}]: got "${host}"`);
		expect(error.message).toContain('domains.prod: got "0x7f000001"');
		expect(await server.ok("list_applications")).toEqual({ applications: [] });
	});

	it("that an earlier version applied is no fault of deploymill: the deploy is refused, and told how to go on", async () => {
		const repo = await bed.project("applied");
		const applicationId = await server.reconcile(repo.repoUrl);
		const database = new DatabaseSync(join(bed.dataFolder, "deploymill.db"));
		const change = database.prepare("UPDATE applications SET config = replace(config, ?, ?) WHERE application_id = ?");
		change.run(repo.host, "app.0x1", applicationId);
		database.close();
		const error = await server.refusal("deploy", { applicationId });
		expect(error).toMatchObject({ code: "project_file_invalid", message: expect.stringContaining('"app.0x1"') });
		expect(error.hint).toContain("prune: true");
		await server.ok("reconcile_project", { applicationId, prune: true });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
	});
});
