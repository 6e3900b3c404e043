// Prints the shell completion, made from the commands and tools there are.
import type { Command } from "commander";
import { DeploymillError } from "../errors.ts";

export const shells = ["bash", "zsh"] as const;

/** zsh runs bash's completions by this adapter of its own. */
const preambles: Record<string, string> = {
	bash: "",
	zsh: "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n",
};

/** @throws invalid_input for a shell that is not known */
export function completionScript(shell: string, program: Command, tools: string[]): string {
	const preamble = preambles[shell];
	if (preamble === undefined) {
		throw new DeploymillError("invalid_input", `shell: got ${JSON.stringify(shell.slice(0, 40))}, allowed ${shells.join(", ")}.`, {
			hint: "Name the shell that will read the script.",
		});
	}
	const commands = program.createHelp().visibleCommands(program);
	const names = commands.map((command) => command.name());
	const wordsAfter = commands.map((command) => `\t\t${command.name()}) words="${wordsOf(program, command, tools).join(" ")}" ;;`);
	return `${preamble}_deploymill() {
	local words
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="${[...names, ...optionsOf(program, program)].join(" ")}"
	else case "\${COMP_WORDS[1]}" in
${wordsAfter.join("\n")}
	esac fi
	COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _deploymill deploymill
`;
}

function wordsOf(program: Command, command: Command, tools: string[]): string[] {
	const candidates: Record<string, readonly string[]> = { call: tools, completion: shells };
	return [...(candidates[command.name()] ?? []), ...optionsOf(program, command)];
}

function optionsOf(program: Command, command: Command): string[] {
	return program
		.createHelp()
		.visibleOptions(command)
		.flatMap(({ long }) => (long ? [long] : []));
}
