import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

interface Flags {
  tokenFile?: string;
  caFile?: string;
  socket?: string;
  label?: string[];
}

/** `rovictl host add NAME ADDRESS`. */
export function hostAddVerb({ terminal }: VerbContext): Command {
  return new Command('add')
    .description('add a robot to your inventory; nothing is sent to it')
    .argument('<host>', 'what to call it')
    .argument('<address>', 'unix:///PATH, https://HOST[:PORT] or ssh://[USER@]HOST[:PORT]')
    .option('--token-file <file>', 'https: the token is in this file, which only you may read')
    .option('--ca-file <file>', "https: the robot's certificate, or of who signed it (default: the system's)")
    .option('--label <label>', 'may be given several times', (label: string, all: string[] = []) => [
      ...all,
      label,
    ])
    .addHelpText('after', "\n--socket PATH is, with ssh://, the gateway's socket on that robot.")
    .action(async (name: string, address: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { addHost } = await import('../hosts/change-inventory.js');
      const path = await import('node:path');
      const absolute = (file: string): string => (file.startsWith('~/') ? file : path.resolve(file));
      const file = await addHost(name, {
        address,
        ...(flags.tokenFile === undefined ? {} : { token_file: absolute(flags.tokenFile) }),
        ...(flags.caFile === undefined ? {} : { ca_file: absolute(flags.caFile) }),
        ...(flags.socket === undefined ? {} : { socket: flags.socket }),
        ...(flags.label === undefined ? {} : { labels: flags.label }),
      });
      terminal.out(
        `${terminal.colour.green('✓')} ${name} is in ${file}; \`rovictl host test ${name}\` tries it\n`,
      );
    });
}
