import { Command } from 'commander';
import { PATHS, unitBaseName } from '@rovi/contract';
import type { VerbContext } from '../verb.js';

/** Milliseconds a person waits after the tab key without wondering. */
const PATIENCE_MS = 1_000;

/** `rovictl __complete -- WORDS`: what the shells' scripts ask. Never fails: no candidates is an answer. */
export function completeVerb(context: VerbContext): Command {
  return new Command('__complete')
    .argument('[words...]', 'the words after `rovictl`, the last of them unfinished')
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const { completionFor } = await import('../completion/candidates.js');
      const program = command.parent ?? command;
      const { candidates, files } = await completionFor(program, words, () => stackNames(context, words));
      const lines = candidates.map(({ value, description }) => `${value}\t${description}\n`);
      context.terminal.out([...lines, ...(files ? [':file\n'] : [])].join(''));
    });
}

/** From the gateway; where that does not answer soon, from the catalog; none where there is none either. */
async function stackNames(context: VerbContext, words: readonly string[]): Promise<readonly string[]> {
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag);
    return at === -1 ? undefined : words[at + 1];
  };
  try {
    const { RoviClient } = await import('@rovi/client');
    const client = new RoviClient({ socketPath: after('--socket') ?? context.socket() ?? PATHS.socket });
    // What is no name must not come to stand on somebody's command line.
    return (await client.stacks({ timeout: PATIENCE_MS }))
      .map(({ name }) => name)
      .filter((name) => unitBaseName.safeParse(name).success);
  } catch {
    const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
    const path = after('--catalog') ?? context.catalog() ?? (await defaultCatalogPath('installed'));
    return loadCatalog(path).then(
      ({ catalog }) => Object.keys(catalog.stacks),
      () => [],
    );
  }
}
