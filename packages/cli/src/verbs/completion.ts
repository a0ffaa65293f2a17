import { Argument, Command } from 'commander';
import { completionScripts, shells, type Shell } from '../completion/scripts.js';
import type { VerbContext } from '../verb.js';

/** `rovictl completion bash|zsh|fish`: the script that teaches a shell this program's words. */
export function completionVerb({ terminal }: VerbContext): Command {
  return new Command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => {
      terminal.out(completionScripts[shell]);
    });
}
