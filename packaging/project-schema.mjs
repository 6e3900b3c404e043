// Writes dist/project.schema.json: the JSON Schema of .deploymill/project.json, from the schema that the code reads it with.
import { writeFileSync } from "node:fs";
import { projectJsonSchema } from "../src/config/project-schema.ts";

writeFileSync(new URL("../dist/project.schema.json", import.meta.url), `${JSON.stringify(projectJsonSchema(), null, "\t")}\n`);
