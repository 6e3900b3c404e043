// Adds to `--help` what commander does not know: examples, exit codes, where settings come from.
import { catalogue } from "../mcp/catalogue.ts";

const settings = `
Settings are environment variables: DEPLOYMILL_* and docker's own (DOCKER_HOST, DOCKER_CONTEXT, ...). An MCP client passes
on only a few variables, so set them in the env of its deploymill entry. An unknown DEPLOYMILL_* name is refused.`;

const tools = catalogue(false)
	.map(({ name, title }) => `  ${name.padEnd(19)} ${title}`)
	.join("\n");

export const help = {
	program: `
Begin with:
  deploymill doctor                  is everything there?
  deploymill init --dry-run          what an empty Docker host would get
  claude mcp add deploymill --env DOCKER_HOST=ssh://me@manager -- npx -y deploymill
${settings}
`,
	serve: `
This is what an MCP client starts:
  {"mcpServers": {"deploymill": {"command": "npx", "args": ["-y", "deploymill"], "env": {"DOCKER_HOST": "ssh://me@manager"}}}}

stdout carries MCP alone; the log goes to stderr. Deployments run in processes of their own and outlive the server.
${settings}
`,
	call: `
Tools:
${tools}

Examples:
  deploymill call list_applications
  deploymill call deploy '{"applicationId": "hello", "ref": "main", "wait": 600}'
  deploymill call rollback '{"applicationId": "hello", "dryRun": true}'
  deploymill call set_env_vars @values.json
  pass show hello | jq -R '{applicationId: "hello", set: {API_KEY: .}}' | deploymill call set_env_vars -

Every user of the machine can read a command line, and the shell keeps it: pass secrets by - (stdin) or @FILE.

The result is printed as JSON on stdout, progress on stderr. Where "status" is "running", get_deployment with "wait" waits
for the end.

Exit codes: 0 done, 1 the tool answered an error (which is printed all the same), 2 bad usage or wrong settings.
${settings}
`,
	history: `
Marks: ● live now, ○ went well, ✗ bad, … running, ↩ rollback or revert. The rb-… in a line is what \`rollback\` takes.
Lines are cut to the window's width, and whole where the output is no terminal; NO_COLOR turns colour off.

Examples:
  deploymill history hello
  deploymill history hello --html hello.html --limit 500

Exit codes: 0 done, 1 the application is not known or the record cannot be read, 2 bad usage.
${settings}
`,
	doctor: `
Pushes an image of a few bytes to the registry and pulls it back; changes nothing else. With --notify it also sends one test
event to the receiver that DEPLOYMILL_NOTIFY_URL names.

Examples:
  deploymill doctor
  deploymill doctor --notify
  deploymill doctor --json | jq '.checks[] | select(.ok | not)'

Exit codes: 0 all is well (warnings included), 1 something failed, 2 bad usage.
${settings}
`,
	watch: `
Prints how every deployment ends, of all processes that share the data folder, whether events are sent or not. It goes on
until its reader leaves, or until SIGINT or SIGTERM.

Examples:
  deploymill watch
  deploymill watch --json --since 1d | jq -r 'select(.event != "live") | .text'

Exit codes: 0 ended as above, 1 something failed, 2 bad usage or wrong settings.
${settings}
`,
	init: `
Shows its plan first, and changes nothing until you confirm it, at the prompt or with --yes. It leaves alone what is there
already, whoever made it, so a second run has nothing to do. The registry's password is printed once: keep it.

Examples:
  deploymill init --dry-run
  deploymill init --email ops@example.com
  DEPLOYMILL_EDGE_SCHEME=http deploymill init --yes --advertise-addr 10.0.0.5

Exit codes: 0 done, or nothing to do; 1 something failed; 2 bad usage, or not confirmed.
${settings}
`,
	completion: `
Examples:
  source <(deploymill completion bash)        in ~/.bashrc
  source <(deploymill completion zsh)         in ~/.zshrc
`,
} as const;
